// The control of every unit with an issue stage (contract, section 3): no data. A token is accepted when the stage is
// free and all inputs that it needs are there, works from that cycle on until the unit says that a step is its last,
// and moves into an elastic pipe of STAGES stages, unless it makes no result.
module tomato_issue #(
    parameter int STAGES = 1
) (
    input  logic clk,
    input  logic rst_n,
    input  logic available,     // all inputs that the next token needs
    input  logic last_step,     // of the token that works, or is accepted in this cycle
    input  logic makes_result,  // the token that works, or is accepted in this cycle
    input  logic room,          // in all outputs
    output logic accept,        // pops the inputs
    output logic working,       // a step is done in this cycle
    output logic finishing,     // its last one
    output logic waits,         // for inputs: the stage is free
    output logic offers,        // a result, with room or without
    output logic push
);
  logic occupied, waiting, moves;
  logic [STAGES-1:0] valid;

  assign accept = !occupied && available;
  assign working = accept || (occupied && !waiting);
  assign finishing = working && last_step;
  assign moves = (finishing || waiting) && (!makes_result || push || valid != '1);

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      occupied <= 1'b0;
      waiting <= 1'b0;
    end else begin
      occupied <= (accept || occupied) && !moves;
      waiting <= (finishing || waiting) && !moves;
    end
  end

  // The tokens from a stage on move when the last one leaves or a stage among them is empty.
  assign push = valid[STAGES-1] && room;
  assign waits = !occupied;
  assign offers = valid[STAGES-1];
  genvar s;
  generate
    for (s = 0; s < STAGES; s = s + 1) begin : stage
      logic moves_on, enters;
      assign moves_on = push || valid[STAGES-1:s] != '1;
      if (s == 0) begin : entry
        assign enters = moves && makes_result;
      end else begin : next
        assign enters = moves_on && valid[s-1];
      end
      always_ff @(posedge clk) begin
        if (!rst_n) valid[s] <= 1'b0;
        else if (moves_on) valid[s] <= enters;
      end
    end
  endgenerate
endmodule
