/// The tensors of a checkpoint beside the model's own: names, shapes and where their values come
/// from.
struct TrainingTensors {
  /// Sets of numbers with one for each parameter.
  enum Set {
    /// The model to be used, under the parameters' plain names.
    case model
    /// The parameters in training.
    case parameters
    /// The moving average of the parameters.
    case average
    /// What the optimiser remembers.
    case memory(Int)
  }

  private(set) var all: [(name: String, shape: [Int])] = []
  private var sources: [String: () throws(RNNError) -> [Float]] = [:]

  private static let prefix = CheckpointKey.training + "."

  static func name(_ parameter: String, in set: Set) -> String {
    switch set {
    case .model: parameter
    case .parameters: "\(prefix)parameters.\(parameter)"
    case .average: "\(prefix)average.\(parameter)"
    case .memory(let index): "\(prefix)memory\(index).\(parameter)"
    }
  }

  static let context = "\(prefix)context"
  static func hidden(_ layer: Int) -> String { "\(prefix)hidden\(layer)" }
  static func cell(_ layer: Int) -> String { "\(prefix)cell\(layer)" }

  mutating func add(_ store: ParameterStore, as set: Set) {
    for slice in store.layout.slices {
      let name = Self.name(slice.name, in: set)
      add(name, slice.shape) { () throws(RNNError) in try store.values(of: slice.name) }
    }
  }

  mutating func add(_ state: RecurrentState) {
    guard state.sequenceCount > 0 else { return }
    if state.contextWidth > 0 {
      add(Self.context, [state.sequenceCount, state.contextWidth]) { state.context }
    }
    for index in state.hidden.indices {
      add(Self.hidden(index), [state.sequenceCount, state.stateWidth]) { state.hidden[index] }
      guard state.cellWidth > 0 else { continue }
      add(Self.cell(index), [state.sequenceCount, state.cellWidth]) { state.cell[index] }
    }
  }

  /// The values of a tensor that was added; nil for any other name.
  func values(of name: String) throws(RNNError) -> [Float]? { try sources[name]?() }

  private mutating func add(
    _ name: String, _ shape: [Int], _ values: @escaping () throws(RNNError) -> [Float]
  ) {
    all.append((name, shape))
    sources[name] = values
  }
}
