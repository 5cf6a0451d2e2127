/// Looks into a recorded pass for a profile: what its networks read, and how the gradient came
/// back.
///
/// It reads what the pass holds anyway and changes none of it. One that is kept for several passes
/// allocates little after the first.
final class PassProbe: PassWatcher {
  /// The step of each rank's probed answer in what went over a tape, or nil where it has none; nil
  /// for all answers.
  private let probed: (RecurrentTape) -> [Int?]?
  /// Whether each sequence's last query alone tells where attention looks.
  private let seesLastQueries: Bool

  /// Whether it looks at parameters alone, because layers and ways are looked at elsewhere.
  private let seesParametersAlone: Bool

  private var shares = 1
  private var networks: [RecurrentNetwork] = []
  private var readers: [ProfileReader] = []
  private var probes: [GradientProbe] = []
  private var used = 0
  private var layers: [GradientProfile.Layer] = []
  private var parameters: [GradientProfile.Parameter]?
  /// With the place of the layer on the pass.
  private var paths: [(place: Int, path: GradientProfile.Path)] = []
  private var named: [(place: Int, name: String, slope: Slope, steps: [[Int]]?)] = []
  private var hasSeveralLosses = false

  let keepsBits: Bool

  /// - Parameters:
  ///   - keepsBits: see ``PassWatcher/keepsBits``.
  ///   - seesParametersAlone: whether layers and ways are left out.
  ///   - seesLastQueries: whether each sequence's last query alone tells where attention looks.
  ///   - probed: gives the step of each rank's probed answer in what went over a tape; nil for all
  ///     answers.
  init(
    keepsBits: Bool = false, seesParametersAlone: Bool = false, seesLastQueries: Bool = false,
    probed: @escaping (RecurrentTape) -> [Int?]? = { _ in nil }
  ) {
    (self.keepsBits, self.seesParametersAlone) = (keepsBits, seesParametersAlone)
    (self.seesLastQueries, self.probed) = (seesLastQueries, probed)
  }

  /// Forgets what it saw.
  ///
  /// - Parameter shares: how many threads may divide the units of a row.
  func begin(shares: Int) {
    detach()
    self.shares = shares
    used = 0
    (networks, layers, parameters) = ([], [], nil)
    (paths, named, hasSeveralLosses) = ([], [], false)
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
    begin(shares: pass.team.shares)
    pass.watcher = self
    defer {
      pass.watcher = nil
      detach()
    }
    return try body()
  }

  /// Whether a pass has gone back since it began.
  var hasParameters: Bool { parameters != nil }

  /// The gradient profile of the pass that was watched, after its way back.
  func profile(step: Int = 0, loss: Double?) -> GradientProfile {
    var names = UniqueNames()
    var profile = GradientProfile(
      step: step, loss: loss,
      layers: layers.map { layer in
        var layer = layer
        layer.name = names.unique(layer.name)
        return layer
      }, parameters: parameters ?? [],
      paths: paths.map { _, path in
        var path = path
        path.name = names.unique(path.name)
        return path
      })
    profile.hasSeveralLosses = hasSeveralLosses
    return profile
  }

  // MARK: Watching

  func hasRead(_ network: RecurrentNetwork, _ tape: RecurrentTape) {
    networks.append(network)
    if seesParametersAlone { return }
    let end = used + tape.layers.count
    while probes.count < end { probes.append(GradientProbe()) }
    readers.append(
      ProfileReader(network, tape, probes: Array(probes[used..<end]), shares: shares))
    used = end
  }

  func willComeBack(by way: String, _ slope: Slope, steps: [[Int]]?, on pass: Pass) {
    if seesParametersAlone { return }
    named.append((pass.used, way, slope, steps))
  }

  func cameBack(
    to keys: Matrix, queries: Matrix?, by attention: String, _ tape: AttentionTape, on pass: Pass
  ) {
    if seesParametersAlone { return }
    let path = GradientProfile.Path(
      attention: attention, keys: keys, tape, onlyLast: seesLastQueries)
    paths.append((pass.place, path))
    if let queries {
      paths.append((pass.place, GradientProfile.Path("\(attention).query", queries)))
    }
  }

  func cameBack(to states: RecurrentState, at network: RecurrentNetwork, on pass: Pass) {
    if seesParametersAlone { return }
    // A layer's name without its own part, such as `decoder.` of `decoder.l0`.
    let prefix = network.layers[0].name.split(separator: ".").dropLast().map { "\($0)." }.joined()
    paths.append((pass.place, GradientProfile.Path("\(prefix)start", states)))
  }

  func tookLoss(ofSeveralSteps: Bool) { hasSeveralLosses = hasSeveralLosses || ofSeveralSteps }

  func hasGoneBack(_ gradients: any ParameterMemory, weights: any ParameterMemory) {
    // Where a pass is walked a second time, its layers stand behind those of the first.
    layers += readers.flatMap { $0.layers(probed: probed) }
    let found = named.compactMap { place, name, slope, steps in
      slope.matrix.map { (place, GradientProfile.Path(name, $0, steps: steps)) }
    }
    // In the order of the pass; one at the same place as a layer is of what that reads.
    paths = (found + paths).enumerated()
      .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element)
    named = []
    readParameters(gradients, weights: weights)
    detach()
  }

  /// Takes the norms of parameters from a gradient.
  func readParameters(_ gradients: any ParameterMemory, weights: any ParameterMemory) {
    parameters = ProfileReader.parameters(
      gradients, weights: weights, layers: networks.flatMap(\.layers))
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
