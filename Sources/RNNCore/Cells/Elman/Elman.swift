/// h_t = f(W x_t + U h_{t−1} + b) (Elman 1990, "Finding structure in time").
struct Elman: Cell {
  var activation = HiddenActivation.tanh
  /// Whether it is the IRNN: relu, with recurrent weights that start as the identity (Le, Jaitly
  /// and Hinton 2015).
  var isIRNN = false

  static let names = ["elman", "irnn"]
  static let usage = ["elman[:tanh|sigmoid|relu|identity]", "irnn"]
}

extension CellKind {
  /// h_t = f(W x_t + U h_{t−1} + b) (Elman 1990).
  public static func elman(_ activation: HiddenActivation) -> CellKind {
    CellKind(Elman(activation: activation))
  }

  /// Elman with relu whose recurrent weights start as the identity (IRNN; Le, Jaitly and Hinton
  /// 2015).
  public static let irnn = CellKind(Elman(activation: .relu, isIRNN: true))
}

// MARK: - Text

extension Elman {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    if name == "irnn" {
      self = Elman(activation: .relu, isIRNN: true)
      return
    }
    let choices = HiddenActivation.allCases.map(\.rawValue) + ["irnn"]
    switch options.takeChoice(choices) {
    case "irnn": self = Elman(activation: .relu, isIRNN: true)
    case let given?: activation = HiddenActivation(rawValue: given) ?? .tanh
    case nil: break
    }
  }

  var description: String {
    isIRNN
      ? "irnn" : CellOptions.text("elman", [activation == .tanh ? nil : activation.rawValue])
  }

  var equations: String { "h = f(a_h)" }
}

// MARK: - What it is to networks and diagnostics

extension Elman {
  var start: InitializationPlan {
    isIRNN ? InitializationPlan(recurrent: .identity(scale: 1), bias: nil) : InitializationPlan()
  }

  /// Its only block is the state itself, which needs no second place.
  var gates: [Gate] { [] }

  func advice(_ aim: MemoryAim) -> String {
    if isIRNN {
      return "use a smaller learning rate or clip, so that units stay alive, or use an LSTM or GRU"
    }
    return activation == .sigmoid
      ? "the slope of a sigmoid is at most 1/4; use tanh with an orthogonal start, or an LSTM or "
        + "GRU"
      : "start the recurrent weights orthogonal, or use an LSTM or GRU"
  }

  func recurrentBlocks(
    _ weights: StateWeights, _ sizes: CellSizes
  ) throws(RNNError) -> [RecurrentBlock] {
    [RecurrentBlock(gate: .hidden, matrix: weights.recurrent, slope: activation.largestSlope)]
  }

  func kernel(_ sizes: CellSizes) -> any CellKernel {
    ElmanKernel(activation: activation.function, sizes)
  }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    ElmanStep(weights, activation, state: state, input: input)
  }
}
