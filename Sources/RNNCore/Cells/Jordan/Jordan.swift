/// h_t = f(W x_t + U y_{t−1} + b), y_t = g(V h_t + c) (Jordan 1986, "Serial order"): the network's
/// own output is fed back, or while training its target.
///
/// As a hybrid (Mesnil, He, Deng and Bengio 2013, "Investigation of recurrent-neural-network
/// architectures and learning methods for spoken language understanding") it feeds back the hidden
/// layer too.
struct Jordan: Cell {
  var activation = HiddenActivation.tanh
  var isTeacherForced = false
  var isHybrid = false

  static let names = ["jordan", "elman-jordan"]
  static let usage = ["jordan[:teacher]", "elman-jordan[:teacher]"]
}

extension CellKind {
  /// h_t = f(W x_t + U y_{t−1} + b), y_t = g(V h_t + c) (Jordan 1986): the network's own output is
  /// fed back. With teacher forcing the fed-back output is the target while training.
  ///
  /// As a hybrid (`elman-jordan`; Mesnil et al. 2013) it feeds back the hidden layer too:
  /// h_t = f(W x_t + U h_{t−1} + V y_{t−1} + b), y_t = g(R h_t + c). The recurrent weights are [U |
  /// V].
  public static func jordan(
    _ activation: HiddenActivation, teacherForcing: Bool, hybrid: Bool = false
  ) -> CellKind {
    CellKind(Jordan(activation: activation, isTeacherForced: teacherForcing, isHybrid: hybrid))
  }
}

// MARK: - Text

extension Jordan {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    isHybrid = name == "elman-jordan"
    activation = options.takeChoice(of: HiddenActivation.self) ?? .tanh
    isTeacherForced = options.takeFlag("teacher")
  }

  var description: String {
    CellOptions.text(
      isHybrid ? "elman-jordan" : "jordan",
      [activation == .tanh ? nil : activation.rawValue, isTeacherForced ? "teacher" : nil])
  }

  var equations: String {
    "h = f(a_h), y the output that is fed back" + (isHybrid ? " beside h" : "")
  }

  var stateSymbol: String { "y" }
}

// MARK: - What it is to networks and diagnostics

extension Jordan {
  var gates: [Gate] { [.hidden] }
  var givesOutputs: Bool { true }

  func advice(_ aim: MemoryAim) -> String {
    "start the recurrent weights orthogonal, or use an LSTM or GRU"
  }

  /// The hidden layer comes back by way of y = g(V h + c).
  func recurrentBlocks(
    _ weights: StateWeights, _ sizes: CellSizes
  ) throws(RNNError) -> [RecurrentBlock] {
    let (u, v) = (weights.recurrent, weights.parameter("weight_ho"))
    var feedback = sizes.feedback.largestSlope * (try v.singularValues().first ?? 0)
    if isHybrid { feedback = (1 + feedback * feedback).squareRoot() }
    return [
      RecurrentBlock(
        gate: .hidden, matrix: u, loop: isHybrid ? loop(u, v) : v.times(u),
        slope: activation.largestSlope, feedback: feedback)
    ]
  }

  /// U + V R, [H, H], for [U | V] and R.
  private func loop(_ u: DenseMatrix, _ readout: DenseMatrix) -> DenseMatrix {
    let hidden = u.rows
    var loop = DenseMatrix(zeros: hidden, hidden)
    for row in 0..<hidden {
      for column in 0..<hidden {
        loop[row, column] = (0..<readout.rows).reduce(u[row, column]) {
          $0 + u[row, hidden + $1] * readout[$1, column]
        }
      }
    }
    return loop
  }

  func kernel(_ sizes: CellSizes) -> any CellKernel { JordanKernel(self, sizes) }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    JordanStep(weights, self, sizes.feedback, state: state, input: input)
  }
}
