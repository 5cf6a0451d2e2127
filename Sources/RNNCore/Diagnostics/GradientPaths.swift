extension GradientProfile {
  /// A way by which the gradient comes from one part of a model to another: through ``Attention``, or through rows that
  /// the model has named with ``Rows/path(_:)``.
  public struct Path: Sendable, Hashable {
    public var name: String
    /// ‖dE/dx‖ of all rows x that are read this way, through this way alone.
    public var norm: Double
    /// ‖dE/dx‖ by the steps of the sequences of x, or by the keys of each query's own sequence; distances are
    /// those from the last step. Shares are relative to all steps together: such a way has no last step from which it could decay.
    /// Nil for rows that are one an example.
    public var steps: Series?
    /// Where it looks, over the answers that are probed; nil for a way that is no attention.
    public var focus: AttentionFocus?

    init(_ name: String, norm: Double, steps: Series? = nil, focus: AttentionFocus? = nil) {
      (self.name, self.norm, self.steps, self.focus) = (name, norm, steps, focus)
    }
  }

  /// The way of that name; nil for a model that has none.
  public func path(_ name: String) -> Path? { paths.first { $0.name == name } }
}

extension GradientProfile.Path {
  /// - Parameters:
  ///   - name: of the way.
  ///   - gradient: dE/dx through it, [N, width].
  ///   - steps: the rows of each sequence; nil for rows that are no steps.
  init(_ name: String, _ gradient: Matrix, steps: [[Int]]? = nil) {
    let squares = (0..<gradient.rows).map { row in
      gradient.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    self.init(
      name, norm: squares.reduce(0, +).squareRoot(),
      steps: steps.map { GradientProfile.Series(bySource: $0.map { $0.map { squares[$0] } }) })
  }

  /// The way of the gradient to the keys of attention, which are read by the scores and in the contexts.
  ///
  /// - Parameters:
  ///   - name: of the layer.
  ///   - keys: dE/d(keys) through attention alone, the rows of the tape's plan.
  ///   - tape: after the backward pass.
  ///   - onlyLast: whether each sequence's last query alone tells where attention looks.
  init(attention name: String, keys: Matrix, _ tape: AttentionTape, onlyLast: Bool = false) {
    self.init(name, keys, steps: tape.plan.keys.map { Array($0) })
    focus = GradientProfile.AttentionFocus(tape, onlyLast: onlyLast)
  }
}

extension GradientProfile.Series {
  /// - Parameter squares: ‖δ‖² of each step of each source.
  fileprivate init(bySource squares: [[Double]]) {
    var steps = [Double](repeating: 0, count: squares.map(\.count).max() ?? 0)
    var (distances, reference) = (steps, steps)
    for source in squares {
      let total = source.reduce(0, +)
      for (step, value) in source.enumerated() {
        steps[step] += value
        distances[source.count - 1 - step] += value
        reference[step] += total
      }
    }
    self.init(
      byStep: steps.map { $0.squareRoot() }, byDistance: distances.map { $0.squareRoot() },
      reference: reference.map { $0.squareRoot() })
  }
}

// MARK: - Of any model

extension Model {
  /// The gradient profile of one batch, without training on it: all recurrent networks (`l0`, `l0_reverse`, …, each behind
  /// the prefix of its network), all parameters, and the ways between the parts, see ``GradientProfile/paths``.
  ///
  /// ```swift
  /// let profile = try model.profile(for: batch)
  /// for layer in profile.layers { print(layer.name, layer.memory.horizon() ?? .max) }
  /// ```
  ///
  /// The gradient is that of the loss, without dropout. A network that reads twice has a `#2` behind its second names.
  /// Decoders that run step by step are not looked into. Throws what ``loss(for:in:)`` throws. Costs a forward and a
  /// backward pass.
  ///
  /// - Parameters:
  ///   - batch: examples with their answers.
  ///   - pass: the workspace; nil for one of its own.
  public func profile(for batch: Batch, pass: Pass? = nil) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    try check(pass)
    let gradients = ParameterStore(layout: parameters.layout)
    try pass.begin(gradients: gradients)
    let probe = PassProbe()
    pass.watcher = probe
    defer { pass.watcher = nil }
    let loss = try loss(for: batch, in: pass)
    let readers = probe.readings.map { network, tape in
      ProfileReader(
        network, tape, probes: network.layers.map { _ in GradientProbe() }, shares: team.count)
    }
    defer { for reader in readers { reader.detach() } }
    try pass.backward()
    var layers = readers.flatMap { $0.layers() }
    var paths = Array(probe.paths.reversed())
    var names = UniqueNames()
    for index in layers.indices { layers[index].name = names.unique(layers[index].name) }
    for index in paths.indices { paths[index].name = names.unique(paths[index].name) }
    var profile = GradientProfile(
      step: 0, loss: loss.value, layers: layers,
      parameters: ProfileReader.parameters(
        gradients, weights: parameters, layers: probe.readings.flatMap(\.network.layers)),
      paths: paths)
    profile.hasSeveralLosses = probe.tookLossesOfSteps
    return profile
  }
}

/// A watcher that notes for a profile which networks read on a pass, and by which ways the gradient came back.
final class PassProbe: PassWatcher {
  private(set) var readings: [(network: RecurrentNetwork, tape: RecurrentTape)] = []
  /// In the order in which the gradient came by.
  private(set) var paths: [GradientProfile.Path] = []
  /// Whether a loss was of the steps of sequences.
  private(set) var tookLossesOfSteps = false

  func tookLoss(of order: Rows.Order) {
    switch order {
    case .packed(let layout), .bySequence(let layout):
      tookLossesOfSteps = tookLossesOfSteps || layout.stepCount > 1
    case .examples, .byRank: break
    }
  }

  func hasRead(_ network: RecurrentNetwork, _ tape: RecurrentTape) {
    readings.append((network, tape))
  }

  func cameBack(by way: String, _ gradient: Matrix, steps: [[Int]]?) {
    paths.append(GradientProfile.Path(way, gradient, steps: steps))
  }

  func cameBack(to keys: Matrix, queries: Matrix?, by attention: String, _ tape: AttentionTape) {
    if let queries { paths.append(GradientProfile.Path("\(attention).query", queries)) }
    paths.append(GradientProfile.Path(attention: attention, keys: keys, tape))
  }
}

/// Makes names differ.
private struct UniqueNames {
  private var counts: [String: Int] = [:]

  mutating func unique(_ name: String) -> String {
    counts[name, default: 0] += 1
    return counts[name] == 1 ? name : "\(name)#\(counts[name] ?? 0)"
  }
}
