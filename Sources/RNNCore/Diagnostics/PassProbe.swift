/// Looks into a recorded pass for a profile: what its networks read, and how the gradient came back.
///
/// It reads what the pass holds anyway and changes none of it. One that is kept for several passes allocates little after
/// the first.
final class PassProbe: PassWatcher {
  /// The step of each rank's probed answer in what went over a tape, or nil where it has none; nil for all answers.
  private let probed: (RecurrentTape) -> [Int?]?
  /// Whether each sequence's last query alone tells where attention looks.
  private let seesLastQueries: Bool

  private var shares = 1
  private var readers: [ProfileReader] = []
  private var probes: [GradientProbe] = []
  private var used = 0
  private var layers: [GradientProfile.Layer] = []
  private var parameters: [GradientProfile.Parameter]?
  /// In the order in which the gradient came by.
  private var paths: [GradientProfile.Path] = []
  private var hasSeveralLosses = false

  init(
    seesLastQueries: Bool = false, probed: @escaping (RecurrentTape) -> [Int?]? = { _ in nil }
  ) {
    (self.seesLastQueries, self.probed) = (seesLastQueries, probed)
  }

  /// Forgets what it saw.
  ///
  /// - Parameter shares: how many threads may divide the units of a row.
  func begin(shares: Int) {
    detach()
    self.shares = shares
    used = 0
    (layers, parameters, paths, hasSeveralLosses) = ([], nil, [], false)
  }

  /// Takes all probes off the tapes.
  func detach() {
    for reader in readers { reader.detach() }
    readers = []
  }

  /// Watches a pass while `body` goes over it, forward and back.
  func watching<Result>(
    _ pass: Pass, _ body: () throws(RNNError) -> Result
  ) throws(RNNError) -> Result {
    begin(shares: pass.team.count)
    pass.watcher = self
    defer {
      pass.watcher = nil
      detach()
    }
    return try body()
  }

  /// What it saw, of a pass that went back.
  func profile(step: Int = 0, loss: Double?) -> GradientProfile {
    var names = UniqueNames()
    var profile = GradientProfile(
      step: step, loss: loss,
      layers: layers.map { layer in
        var layer = layer
        layer.name = names.unique(layer.name)
        return layer
      }, parameters: parameters ?? [],
      paths: paths.reversed().map { path in
        var path = path
        path.name = names.unique(path.name)
        return path
      })
    profile.hasSeveralLosses = hasSeveralLosses
    return profile
  }

  // MARK: Watching

  func hasRead(_ network: RecurrentNetwork, _ tape: RecurrentTape) {
    let end = used + tape.layers.count
    while probes.count < end { probes.append(GradientProbe()) }
    readers.append(
      ProfileReader(network, tape, probes: Array(probes[used..<end]), shares: shares))
    used = end
  }

  func cameBack(by way: String, _ gradient: Matrix, steps: [[Int]]?) {
    paths.append(GradientProfile.Path(way, gradient, steps: steps))
  }

  func cameBack(to keys: Matrix, queries: Matrix?, by attention: String, _ tape: AttentionTape) {
    if let queries { paths.append(GradientProfile.Path("\(attention).query", queries)) }
    paths.append(
      GradientProfile.Path(
        attention: attention, keys: keys, tape, onlyLast: seesLastQueries))
  }

  func cameBack(to states: RecurrentState, at network: RecurrentNetwork) {
    // A layer's name without its own part, such as `decoder.` of `decoder.l0`.
    let prefix = network.layers[0].name.split(separator: ".").dropLast().map { "\($0)." }.joined()
    paths.append(GradientProfile.Path("\(prefix)start", states))
  }

  func tookLoss(ofSeveralSteps: Bool) { hasSeveralLosses = hasSeveralLosses || ofSeveralSteps }

  func hasGoneBack(_ gradients: ParameterStore, weights: ParameterStore) {
    layers = readers.flatMap { $0.layers(probed: probed) }
    parameters = ProfileReader.parameters(
      gradients, weights: weights, layers: readers.flatMap(\.network.layers))
    detach()
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
