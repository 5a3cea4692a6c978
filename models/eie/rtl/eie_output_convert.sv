// Read side of a destination register: accumulator to the output's format, saturated, then ReLU. A positive shift
// drops fraction bits with rounding, a negative one adds them. Combinational.
module eie_output_convert #(
    parameter int unsigned ACCUMULATOR_WIDTH = 16,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ROUNDING = 1
) (
    input  logic [ACCUMULATOR_WIDTH-1:0] accumulator,
    input  logic signed [6:0]            shift,
    input  logic                         relu,
    output logic [ACTIVATION_WIDTH-1:0]  result
);

  localparam int unsigned WIDTH = ACCUMULATOR_WIDTH + ACTIVATION_WIDTH;
  localparam logic signed [WIDTH-1:0] HIGHEST = (WIDTH'(1) << (ACTIVATION_WIDTH - 1)) - WIDTH'(1);
  localparam logic signed [WIDTH-1:0] LOWEST = ~HIGHEST;

  logic [5:0] right;
  logic [5:0] left;
  logic signed [WIDTH-1:0] extended;
  logic signed [WIDTH-1:0] rounded;
  logic signed [WIDTH-1:0] scaled;

  assign right = shift[6] ? 6'd0 : shift[5:0];
  assign left = shift[6] ? ~shift[5:0] + 6'd1 : 6'd0;
  assign extended = WIDTH'($signed(accumulator));

  eie_round_shift #(.WIDTH(WIDTH), .ROUNDING(ROUNDING)) round (
      .value(extended),
      .shift(right),
      .result(rounded)
  );

  assign scaled = shift[6] ? extended <<< left : rounded;

  always_comb begin
    if (relu & scaled[WIDTH-1]) result = '0;
    else if (scaled > HIGHEST) result = HIGHEST[ACTIVATION_WIDTH-1:0];
    else if (scaled < LOWEST) result = LOWEST[ACTIVATION_WIDTH-1:0];
    else result = scaled[ACTIVATION_WIDTH-1:0];
  end

endmodule
