internal import CLibrary

/// A stack of recurrent layers for a caller with memory of its own: inputs, outputs, states,
/// gradients and, where it wants, parameters stay where the caller has them. The C library is built
/// on it.
///
/// Any number of passes can be outstanding: each keeps a record of its own (``StackPass``), whose
/// memory is used again when the pass is gone. Calls from several threads are safe and take turns.
/// The weights are packed once for all passes.
///
/// Rows of tokens are packed, [N, …] in the order of a ``SequenceLayout``; states are [L·D, B,
/// width]. Nothing of the caller's is read or written after a call has returned, but for the input
/// of a recorded pass, which has to stay until that has gone back, and parameters that were bound.
package final class RecurrentStack: Sendable {
  /// Sizes and the places of the parameters.
  package let network: RecurrentNetwork
  /// Names and shapes of the parameters.
  package let layout: ParameterLayout

  let contents: Locked<Contents>

  struct Contents {
    /// Nil where neither were made nor bound.
    var parameters: (any ParameterMemory)?
    var ownGradients: ParameterStore?
    let foreign, foreignGradients: ForeignParameters
    /// Of passes without a record; all others share its packed weights.
    let stream: StackTape
    var idle: [StackTape] = []
    /// Stands for the output gradient where a caller has none.
    let zeros = FloatBuffer()
    /// The last batch that was made, with the sizes it was made of.
    var batch: (sizes: [Int64], layout: SequenceLayout)?
  }

  /// Throws what ``RecurrentConfiguration/validate()`` throws, and `.unsupported` for recurrent
  /// dropout and for a teacher-forced cell, which knows no targets here.
  package init(_ configuration: RecurrentConfiguration) throws(RNNError) {
    guard !configuration.isTeacherForced, configuration.recurrentDropout == 0 else {
      throw RNNError(
        .unsupported, "cell", expected: "one without teacher forcing and recurrent dropout",
        found: "\(configuration.cell)")
    }
    var layout = ParameterLayout()
    network = try RecurrentNetwork(configuration, declaringIn: &layout)
    self.layout = layout
    contents = Locked(
      Contents(
        foreign: ForeignParameters(layout: layout),
        foreignGradients: ForeignParameters(layout: layout),
        stream: StackTape(network.makeTape())))
  }

  // MARK: Parameters

  /// Makes parameters of the stack's own, with gradients of zero, in the place of any before.
  ///
  /// Throws ``RNNError/Kind/memory`` where the process may not take as much.
  ///
  /// - Parameters:
  ///   - initialization: how they start; nil for what the cell's name asks for.
  ///   - seed: of the random numbers.
  package func makeParameters(
    _ initialization: InitializationPlan? = nil, seed: UInt64
  ) throws(RNNError) {
    try layout.checkMemory(stores: 2, "parameters")
    let start = initialization ?? .standard(for: network.configuration.cell)
    let values = try ParameterStore(layout: layout, start: start, seed: seed)
    own(values, gradients: ParameterStore(layout: layout))
  }

  /// Takes parameters that are the stack's from here on.
  func own(_ values: ParameterStore, gradients: ParameterStore) {
    contents.withLock { ($0.parameters, $0.ownGradients) = (values, gradients) }
  }

  /// The parameters as they are now. Throws `.empty` where there are none, `.memory` where the
  /// process may not take as much again.
  func copiedParameters() throws(RNNError) -> ParameterStore {
    try layout.checkMemory(stores: 1, "a copy of the parameters")
    return try contents.withLock { (contents) throws(RNNError) in
      guard let parameters = contents.parameters else { throw Self.noParameters }
      return ParameterStore(copying: parameters)
    }
  }

  static let noParameters = RNNError(
    .empty, "parameters", expected: "some, made or bound", found: "none")

  /// Where one of the stack's own parameters is, and its gradient, until others are made or bound.
  /// Throws `.empty` where there are none.
  package func ownParameter(
    at index: Int
  ) throws(RNNError) -> (
    values: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>
  ) {
    let place = layout.place(index)
    return try contents.withLock { (contents) throws(RNNError) in
      guard let gradients = contents.ownGradients, let values = contents.parameters else {
        throw RNNError(.empty, "parameters", expected: "some of the stack's own", found: "none")
      }
      return (values.pointer(place), gradients.pointer(place))
    }
  }

  /// What moves the stack's own parameters along their gradients. Throws `.empty` where there are
  /// none, and what ``ParameterUpdater`` throws.
  package func makeOptimizer(
    _ rule: OptimizerRule, rate: Float, weightDecay: Float?, clipping: Clipping
  ) throws(RNNError) -> StackOptimizer {
    try contents.withLock { (contents) throws(RNNError) in
      guard let gradients = contents.ownGradients,
        let values = contents.parameters as? ParameterStore
      else {
        throw RNNError(.empty, "parameters", expected: "some of the stack's own", found: "none")
      }
      return StackOptimizer(
        self,
        try ParameterUpdater(
          values, gradients: gradients, rule: rule, rate: rate, schedule: .constant,
          weightDecay: weightDecay, clipping: clipping, averaging: nil, nonFinite: .throw,
          team: .shared))
    }
  }

  func update(_ updater: ParameterUpdater) throws(RNNError) -> Double {
    try contents.withLock { (_) throws(RNNError) in
      let report = try updater.apply(LossValue(value: 0, elements: 0))
      updater.gradients.setToZero(.shared)
      return report.clip?.norm ?? 0
    }
  }

  /// Tells that parameters have other values.
  package func markChanged() {
    contents.withLock { $0.parameters?.markChanged() }
  }

  /// Takes the parameters from a caller's memory, which has to stay until others are bound or made,
  /// or the stack is gone.
  ///
  /// - Parameters:
  ///   - places: of each parameter in the order of ``layout``, row-major; nil for zeros.
  ///   - changed: whether other numbers are there than at the last call, so that weights have to be
  ///     packed anew.
  package func bind(
    _ places: UnsafePointer<UnsafeMutablePointer<Float>?>, changed: Bool
  ) {
    contents.withLock {
      $0.foreign.bind(places, changed: changed)
      ($0.parameters, $0.ownGradients) = ($0.foreign, nil)
    }
  }

  // MARK: Passes

  /// How the rows of a batch lie.
  ///
  /// Throws `.empty` for no step and no sequence, `.shape` for sizes that do not begin with all
  /// sequences, `.range` for sizes that rise or fall below 1, `.memory` for more rows than the
  /// process has memory for.
  ///
  /// - Parameters:
  ///   - steps: T.
  ///   - sequences: B.
  ///   - sizes: how many sequences have each step, longest first, T numbers; nil where all have
  ///     all.
  package func batch(
    steps: Int, sequences: Int, sizes: UnsafeBufferPointer<Int64>?
  ) throws(RNNError) -> SequenceLayout {
    guard steps >= 1, sequences >= 1 else {
      throw RNNError(
        .empty, "batch", expected: "at least one step of one sequence",
        found: "\(steps) steps of \(sequences) sequences")
    }
    // One that is asked for again is known. No size is 0, which stands before those of all.
    let known = contents.withLock { contents -> SequenceLayout? in
      guard let batch = contents.batch else { return nil }
      let isSame =
        sizes.map { $0.elementsEqual(batch.sizes) }
        ?? batch.sizes.elementsEqual([0, Int64(steps), Int64(sequences)])
      return isSame ? batch.layout : nil
    }
    if let known { return known }
    var need = MemoryNeed()
    need.add("rows", floats: Amount(steps) * sequences * 2 + Amount(sequences) * 6)
    try need.check(argument: "batch")
    let layout = SequenceLayout(
      longestFirst: try Self.lengths(steps: steps, sequences: sequences, sizes: sizes))
    let key = sizes.map(Array.init) ?? [0, Int64(steps), Int64(sequences)]
    contents.withLock { $0.batch = (key, layout) }
    return layout
  }

  private static func lengths(
    steps: Int, sequences: Int, sizes: UnsafeBufferPointer<Int64>?
  ) throws(RNNError) -> [Int] {
    var lengths = [Int](repeating: steps, count: sequences)
    guard let sizes else { return lengths }
    guard sizes[0] == Int64(sequences) else {
      throw RNNError(
        .shape, "batch sizes", expected: "all \(sequences) sequences at the first step",
        found: "\(sizes[0])")
    }
    var active = sequences
    for (step, size) in sizes.enumerated() {
      guard size >= 1, size <= Int64(active) else {
        throw RNNError(
          .range, "batch size of step \(step)", expected: "1 to \(active)", found: "\(size)")
      }
      while active > Int(size) {
        active -= 1
        lengths[active] = step
      }
    }
    return lengths
  }
}
