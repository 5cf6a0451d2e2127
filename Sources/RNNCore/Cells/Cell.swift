internal import CLibrary

/// A recurrent cell with its options: all that the package knows of it, in one folder.
///
/// | what | where |
/// |---|---|
/// | name, options, text | ``init(named:options:)``, ``description`` |
/// | sizes, parameters, products, one step in `Float` | ``CellKernel``, made by ``kernel(_:)`` |
/// | one step in `Double` with its Jacobian | ``LinearizedStep``: ``step(_:_:state:input:)`` |
/// | how it starts | ``start``, and the starts that its parameters declare |
/// | what diagnostics say of it | ``keepingGate``, ``advice(_:)``, ``recurrentBlocks(_:_:)`` |
/// | how `explain` tells it | ``equations``, ``symbol(of:)``, ``stateSymbol`` |
///
/// ``CellKind/registry`` lists the cells; nothing else knows them all.
protocol Cell: Sendable, CustomStringConvertible {
  /// The names that a cell's text can begin with; several where one type serves several.
  static var names: [String] { get }

  /// Each name with its options, as a help text shows them.
  static var usage: [String] { get }

  /// - Parameters:
  ///   - name: one of ``names``.
  ///   - options: what stands behind the colon.
  ///
  /// Throws `.format` for an option that the cell has not, `.unsupported` for two that exclude each
  /// other.
  init(named name: String, options: inout CellOptions) throws(RNNError)

  /// Name and options, as they are read.
  var description: String { get }

  // MARK: Numbers

  /// The cell of one layer.
  func kernel(_ sizes: CellSizes) -> any CellKernel

  /// One step from `state` [n] with `input` [I].
  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep

  /// How a network of these cells starts unless something else is asked for.
  var start: InitializationPlan { get }

  // MARK: What is special about it

  /// Gates whose values are kept at every step, in the order of their blocks in the weights.
  var gates: [Gate] { get }

  /// Whether it gives the network's outputs itself, as wide as these, instead of a state for a
  /// readout.
  var givesOutputs: Bool { get }

  /// Whether targets are fed back while training.
  var isTeacherForced: Bool { get }

  /// Whether a weight matrix multiplies the state at every step.
  var hasRecurrentProduct: Bool { get }

  /// The vectors that stand side by side in its state: 2 where it is complex.
  var stateBlocks: Int { get }

  // MARK: Diagnostics

  /// The gate whose mean tells how long the state is kept; nil without one.
  var keepingGate: KeepingGate? { get }

  /// What to try when the gradient vanishes before it has come as far as `aim` asks.
  func advice(_ aim: MemoryAim) -> String

  /// What multiplies a gradient from step to step, gate by gate.
  func recurrentBlocks(
    _ weights: StateWeights, _ sizes: CellSizes
  ) throws(RNNError) -> [RecurrentBlock]

  // MARK: Words

  /// The equations in one line, in the symbols of ``symbol(of:)``.
  var equations: String { get }

  /// The letter of a gate.
  func symbol(of gate: Gate) -> String

  /// The letter of what is carried from step to step.
  var stateSymbol: String { get }
}

extension Cell {
  var start: InitializationPlan { InitializationPlan() }
  var givesOutputs: Bool { false }
  var isTeacherForced: Bool { false }
  var hasRecurrentProduct: Bool { true }
  var stateBlocks: Int { 1 }
  var keepingGate: KeepingGate? { nil }
  var stateSymbol: String { "h" }

  func symbol(of gate: Gate) -> String {
    switch gate {
    case .input: "i"
    case .forget: "f"
    case .candidate: "g"
    case .output: "o"
    case .reset: "r"
    case .update: "z"
    case .hidden: "h"
    }
  }

  /// The bias that ``keepingGate`` needs, and what it would do.
  func keepingText(_ aim: MemoryAim) -> String { keepingGate.map(aim.text) ?? "" }

  func recurrentBlocks(
    _ weights: StateWeights, _ sizes: CellSizes
  ) throws(RNNError) -> [RecurrentBlock] {
    // Without a recurrent product no weight matrix leads from state to state.
    guard hasRecurrentProduct else { return [] }
    return gates.enumerated().map { index, gate in
      RecurrentBlock(
        gate: gate, matrix: weights.recurrentBlock(index),
        slope: gate == .candidate ? 1 : HiddenActivation.sigmoid.largestSlope)
    }
  }
}

/// The sizes that a network gives to its cells, and what it makes of outputs that are fed back.
struct CellSizes: Sendable, Hashable {
  /// I.
  var input: Int
  /// H.
  var hidden: Int
  /// O, of a cell that gives outputs itself.
  var output: Int
  /// The function that a cell with outputs of its own applies to them before they are fed back.
  var feedback: FeedbackActivation
}

/// A gate that says how much of the state stays: all of it at 1; at 0, where it is the share that
/// is replaced.
struct KeepingGate {
  var gate: Gate
  var isShareReplaced = false
  /// The words of a verdict before the mean share of the state that stays: "forget gates average".
  var says: String

  init(_ gate: Gate, isShareReplaced: Bool = false, says: String? = nil) {
    (self.gate, self.isShareReplaced) = (gate, isShareReplaced)
    self.says = says ?? "\(gate.rawValue) gates average"
  }

  /// How much stays.
  func kept(_ value: Double) -> Double { isShareReplaced ? 1 - value : value }

  /// The preactivation whose gate keeps what `aim` asks for.
  func bias(_ aim: MemoryAim) -> Double {
    (isShareReplaced ? -1 : 1) * log(aim.kept / (1 - aim.kept))
  }
}

/// How much of a gradient is to arrive over how many steps.
struct MemoryAim {
  var share: Double
  var steps: Int

  /// The share that has to stay at every step.
  var kept: Double { pow(share, 1 / Double(max(1, steps))) }

  /// A bias and what it would do.
  func text(_ gate: KeepingGate) -> String { "\(gate.bias(self).signedShort) \(consequence)" }

  /// The end of an advice: "would keep 1 % over 200 steps".
  var consequence: String {
    "would keep \((100 * share).fixed(decimals: 0)) % over \(steps) steps"
  }
}

/// What multiplies a gradient from one step to the next on the way through one gate.
struct RecurrentBlock {
  var gate: Gate
  /// The gate's block of U, [H, R].
  var matrix: DenseMatrix
  /// What one step makes of the state, or of the hidden layer, when no activation bends it; a
  /// square.
  var loop: DenseMatrix
  /// γ, the largest slope of the gate's activation.
  var slope: Double
  /// The most that the way back to the state adds: see ``RecurrentBounds/Block/feedback``.
  var feedback: Double

  init(
    gate: Gate, matrix: DenseMatrix, loop: DenseMatrix? = nil, slope: Double, feedback: Double = 1
  ) {
    (self.gate, self.matrix, self.loop) = (gate, matrix, loop ?? matrix)
    (self.slope, self.feedback) = (slope, feedback)
  }
}
