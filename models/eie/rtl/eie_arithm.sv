// Arithmetic unit of one PE, four stages: codebook and address; multiply and operand read; shift and add; write.
module eie_arithm #(
    parameter int unsigned CODE_BITS = 4,
    parameter int unsigned INDEX_BITS = 4,
    parameter int unsigned WEIGHT_WIDTH = 16,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ACCUMULATOR_WIDTH = 16,
    parameter int unsigned ADDRESS_WIDTH = 6,
    parameter int unsigned ROUNDING = 1,
    parameter bit BYPASS = 1'b1
) (
    input  logic                         clk,
    input  logic                         clear,
    input  logic [5:0]                   product_shift,
    // I/O mode: codebook
    input  logic                         io_write,
    input  logic [CODE_BITS-1:0]         io_address,
    input  logic [WEIGHT_WIDTH-1:0]      io_data,
    // sparse-matrix read
    input  logic                         deliver,
    input  logic [CODE_BITS-1:0]         deliver_code,
    input  logic [INDEX_BITS-1:0]        deliver_zeros,
    input  logic [ACTIVATION_WIDTH-1:0]  deliver_value,
    input  logic                         deliver_first,
    // destination registers
    output logic                         operand_read,
    output logic [ADDRESS_WIDTH-1:0]     operand_address,
    input  logic [ACCUMULATOR_WIDTH-1:0] operand,
    output logic                         sum_write,
    output logic [ADDRESS_WIDTH-1:0]     sum_address,
    output logic [ACCUMULATOR_WIDTH-1:0] sum,
    // state and events
    output logic                         hold,
    output logic                         occupied,    // R1..R4 hold something
    output logic                         s4_valid,    // R4 holds an entry, real or padding
    output logic                         codebook_read,
    output logic                         padding,
    output logic                         multiply,
    output logic                         bypassed,
    output logic                         saturated
);

  localparam int unsigned PRODUCT_WIDTH = WEIGHT_WIDTH + ACTIVATION_WIDTH;
  localparam int unsigned SUM_WIDTH =
      ((PRODUCT_WIDTH > ACCUMULATOR_WIDTH) ? PRODUCT_WIDTH : ACCUMULATOR_WIDTH) + 1;
  localparam logic signed [SUM_WIDTH-1:0] HIGHEST = (SUM_WIDTH'(1) << (ACCUMULATOR_WIDTH - 1)) - SUM_WIDTH'(1);
  localparam logic signed [SUM_WIDTH-1:0] LOWEST = ~HIGHEST;

  // Stage 1: codebook registers, address
  logic r1_valid;
  logic [CODE_BITS-1:0] r1_code;
  logic [INDEX_BITS-1:0] r1_zeros;
  logic [ACTIVATION_WIDTH-1:0] r1_value;
  logic r1_first;
  logic [ADDRESS_WIDTH-1:0] last_address;
  logic r1_real;
  logic [ADDRESS_WIDTH-1:0] s1_address;
  logic [WEIGHT_WIDTH-1:0] s1_weight;

  // Stage 2: multiply, operand
  logic r2_valid;
  logic r2_real;
  logic [WEIGHT_WIDTH-1:0] r2_weight;
  logic [ACTIVATION_WIDTH-1:0] r2_value;
  logic [ADDRESS_WIDTH-1:0] r2_address;
  logic s2_same;

  // Stage 3: shift, add
  logic r3_valid;
  logic r3_real;
  logic signed [PRODUCT_WIDTH-1:0] r3_product;
  logic [ACCUMULATOR_WIDTH-1:0] r3_operand;
  logic [ADDRESS_WIDTH-1:0] r3_address;
  logic signed [PRODUCT_WIDTH-1:0] s3_rounded;
  logic signed [SUM_WIDTH-1:0] s3_exact;
  logic s3_high;
  logic s3_low;
  logic [ACCUMULATOR_WIDTH-1:0] s3_sum;

  // Stage 4: write
  logic r4_valid;
  logic r4_real;
  logic [ACCUMULATOR_WIDTH-1:0] r4_sum;
  logic [ADDRESS_WIDTH-1:0] r4_address;

  assign r1_real = r1_code != '0;
  assign codebook_read = r1_valid & r1_real & ~hold;
  assign padding = r1_valid & ~r1_real & ~hold;

  logic [WEIGHT_WIDTH-1:0] codebook[0:(1<<CODE_BITS)-1];

  always_ff @(posedge clk) begin
    if (io_write) codebook[io_address] <= io_data;
  end

  assign s1_weight = codebook[r1_code];

  assign s1_address = (r1_first ? '0 : last_address + 1'b1) + ADDRESS_WIDTH'(r1_zeros);
  generate
    if (INDEX_BITS > ADDRESS_WIDTH) begin : g_short_address
      logic unused_zeros;
      assign unused_zeros = &{1'b0, r1_zeros[INDEX_BITS-1:ADDRESS_WIDTH]};
    end
    if (BYPASS) begin : g_bypass
      assign hold = 1'b0;
      assign s2_same = r2_real & r3_real & (r2_address == r3_address);
    end else begin : g_hold
      assign hold = r1_valid & r1_real & r2_real & (s1_address == r2_address);
      assign s2_same = 1'b0;
    end
  endgenerate

  assign multiply = r2_real;
  assign bypassed = s2_same;
  assign operand_read = r2_real & ~s2_same;
  assign operand_address = r2_address;

  eie_round_shift #(.WIDTH(PRODUCT_WIDTH), .ROUNDING(ROUNDING)) round (
      .value(r3_product),
      .shift(product_shift),
      .result(s3_rounded)
  );

  assign s3_exact = SUM_WIDTH'($signed(r3_operand)) + SUM_WIDTH'(s3_rounded);
  assign s3_high = s3_exact > HIGHEST;
  assign s3_low = s3_exact < LOWEST;
  assign s3_sum = s3_high ? HIGHEST[ACCUMULATOR_WIDTH-1:0]
                : s3_low ? LOWEST[ACCUMULATOR_WIDTH-1:0] : s3_exact[ACCUMULATOR_WIDTH-1:0];
  assign saturated = r3_real & (s3_high | s3_low);

  assign sum_write = r4_real;
  assign sum_address = r4_address;
  assign sum = r4_sum;
  assign s4_valid = r4_valid;
  assign occupied = r1_valid | r2_valid | r3_valid | r4_valid;

  always_ff @(posedge clk) begin
    if (clear) begin
      r1_valid <= 1'b0;
      r2_valid <= 1'b0;
      r2_real <= 1'b0;
      r3_valid <= 1'b0;
      r3_real <= 1'b0;
      r4_valid <= 1'b0;
      r4_real <= 1'b0;
    end else begin
      if (!hold) begin
        r1_valid <= deliver;
        if (deliver) begin
          r1_code <= deliver_code;
          r1_zeros <= deliver_zeros;
          r1_value <= deliver_value;
          r1_first <= deliver_first;
        end
      end

      r2_valid <= r1_valid & ~hold;
      r2_real <= codebook_read;
      if (r1_valid & ~hold) begin
        last_address <= s1_address;
        r2_address <= s1_address;
      end
      if (codebook_read) begin
        r2_weight <= s1_weight;
        r2_value <= r1_value;
      end

      r3_valid <= r2_valid;
      r3_real <= r2_real;
      if (r2_real) begin
        r3_product <= PRODUCT_WIDTH'($signed(r2_weight)) * PRODUCT_WIDTH'($signed(r2_value));
        r3_operand <= s2_same ? s3_sum : operand;
        r3_address <= r2_address;
      end

      r4_valid <= r3_valid;
      r4_real <= r3_real;
      if (r3_real) begin
        r4_sum <= s3_sum;
        r4_address <= r3_address;
      end
    end
  end

endmodule
