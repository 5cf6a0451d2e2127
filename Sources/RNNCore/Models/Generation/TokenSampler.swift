internal import CLibrary

/// Draws a class from logits z: softmax(z / temperature), cut to the likeliest classes.
///
/// In this order:
///
///     excluded     classes that are never drawn leave, as if there were none of them
///     temperature  w_i = exp((z_i − max z) / temperature); at 0 the largest logit is taken, and
///                  nothing drawn
///     top-k        only the k classes of the largest logits stay
///     top-p        of these only the fewest likeliest whose share of what is left is at least p
///                  (nucleus sampling; Holtzman et al. 2020, "The curious case of neural text
///                  degeneration")
///
/// and one of those that stay, with probability w_i / Σ w. Of equal logits the one of lower index
/// is the larger. Computed in `Double`. Costs V exponentials, and 2·V + m·log V comparisons when m
/// classes stay.
public struct TokenSampler: Sendable, Hashable {
  /// 0 takes the largest logit.
  public let temperature: Float
  /// k; nil for all classes.
  public let topK: Int?
  /// p; nil, like 1, for all classes.
  public let topP: Float?

  /// Classes that are never drawn, such as a symbol that training did not show.
  public var excluded: Set<Int> = []

  /// The likeliest class, every time.
  public static let greedy = TokenSampler(unchecked: 0)

  private init(unchecked temperature: Float) {
    (self.temperature, topK, topP) = (temperature, nil, nil)
  }

  /// Throws `.range` for a temperature that is negative or not finite, `topK` < 1 and `topP`
  /// outside (0, 1].
  public init(temperature: Float = 1, topK: Int? = nil, topP: Float? = nil) throws(RNNError) {
    guard temperature >= 0, temperature.isFinite else {
      throw RNNError(
        .range, "temperature", expected: "a finite number, 0 or more", found: "\(temperature)")
    }
    if let topK { try requirePositive(topK, "top-k") }
    if let topP {
      guard topP > 0, topP <= 1 else {
        throw RNNError(.range, "top-p", expected: "above 0 and at most 1", found: "\(topP)")
      }
    }
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// One class. Throws `.empty` for no logits or none that is not excluded, `.nonFinite` for one
  /// that is infinite or not a number; then nothing has been drawn. Uses one draw, at temperature 0
  /// none.
  ///
  /// - Parameters:
  ///   - logits: z, [V].
  ///   - generator: makes the draw.
  public func sample(
    _ logits: [Float], using generator: inout RandomGenerator
  ) throws(RNNError) -> Int {
    var workspace = SamplerWorkspace()
    return try sample(logits, in: &workspace, using: &generator)
  }

  /// The same in a workspace that is kept: from the second call on nothing is allocated.
  func sample(
    _ logits: [Float], in workspace: inout SamplerWorkspace, using generator: inout RandomGenerator
  ) throws(RNNError) -> Int {
    guard var best = logits.indices.first(where: { !excluded.contains($0) }) else {
      throw RNNError(
        .empty, "logits", expected: "at least one",
        found: logits.isEmpty ? "none" : "excluded ones alone")
    }
    for (index, logit) in logits.enumerated() {
      guard logit.isFinite else {
        throw RNNError(
          .nonFinite, "logits", expected: "finite numbers", found: "\(logit) at index \(index)")
      }
      if logit > logits[best], !excluded.contains(index) { best = index }
    }
    guard temperature > 0 else { return best }
    let (shift, scale) = (Double(logits[best]), Double(temperature))
    workspace.fill(logits.count, excluding: excluded) {
      exp((Double(logits[$0]) - shift) / scale)
    }
    // 53 bits: a `Float` of 24 would never draw what is rarer than one in 16 million.
    let draw = Double(generator.next() >> 11) * 0x1p-53
    if let kept = cut(workspace.count) {
      return workspace.drawOfLikeliest(kept.classes, share: kept.share, logits: logits, at: draw)
    }
    return workspace.draw(at: draw)
  }

  /// The most classes that top-k leaves and the share of them that top-p asks for; nil where all
  /// stay.
  private func cut(_ classes: Int) -> (classes: Int, share: Double)? {
    let (k, p) = (min(topK ?? classes, classes), topP ?? 1)
    return k < classes || p < 1 ? (k, Double(p)) : nil
  }
}

/// Where a sampler works.
struct SamplerWorkspace: Sendable {
  /// w, [V]
  private var weights: [Double] = []
  /// Classes: a heap with the likeliest first; those taken from it gather behind it, the likeliest
  /// last.
  private var heap: [Int] = []

  /// How many classes can be drawn.
  private(set) var count = 0

  /// Weights of `classes` classes, 0 for those that are excluded.
  mutating func fill(_ classes: Int, excluding excluded: Set<Int>, _ weight: (Int) -> Double) {
    weights.removeAll(keepingCapacity: true)
    for index in 0..<classes { weights.append(weight(index)) }
    for index in excluded where weights.indices.contains(index) { weights[index] = 0 }
    // A class so unlikely that its weight is 0 cannot be drawn either.
    count = weights.count { $0 > 0 }
  }

  /// The class in whose stretch of Σ w the share `draw` of it lies, in the order of the classes.
  func draw(at draw: Double) -> Int {
    let total = weights.reduce(0, +)
    return place(draw * total, in: weights.indices) ?? 0
  }

  /// The same among the `most` likeliest classes, of which the fewest are kept that have `share` of
  /// their sum.
  mutating func drawOfLikeliest(
    _ most: Int, share: Double, logits: [Float], at draw: Double
  ) -> Int {
    makeHeap(logits)
    let count = heap.count
    let isCut = most < count
    var total = 0.0
    if isCut {
      // Top-p is of what top-k leaves, whose sum is needed before any can be dropped.
      for taken in 0..<most { total += weights[takeLikeliest(logits, taken: taken)] }
    } else {
      total = weights.reduce(0, +)
    }
    var (kept, sum) = (0, 0.0)
    while kept < most, kept == 0 || sum < share * total {
      sum += weights[isCut ? heap[count - 1 - kept] : takeLikeliest(logits, taken: kept)]
      kept += 1
    }
    return place(draw * sum, in: heap[(count - kept)...].reversed()) ?? heap[count - 1]
  }

  /// The class in whose stretch of the sum `target` lies; rounding may put it behind the last with
  /// a weight.
  private func place(_ target: Double, in classes: some Sequence<Int>) -> Int? {
    var (sum, last) = (0.0, Int?.none)
    for index in classes where weights[index] > 0 {
      sum += weights[index]
      last = index
      if target < sum { break }
    }
    return last
  }

  // MARK: A heap in place, since sorting would allocate

  private mutating func makeHeap(_ logits: [Float]) {
    heap.removeAll(keepingCapacity: true)
    for index in weights.indices where weights[index] > 0 { heap.append(index) }
    for root in (0..<heap.count / 2).reversed() { sink(root, end: heap.count, logits) }
  }

  /// Moves the likeliest class of the heap behind it.
  ///
  /// - Parameter taken: how many have been taken before.
  private mutating func takeLikeliest(_ logits: [Float], taken: Int) -> Int {
    let end = heap.count - 1 - taken
    heap.swapAt(0, end)
    sink(0, end: end, logits)
    return heap[end]
  }

  private mutating func sink(_ start: Int, end: Int, _ logits: [Float]) {
    func isLikelier(_ a: Int, _ b: Int) -> Bool {
      logits[a] != logits[b] ? logits[a] > logits[b] : a < b
    }
    var root = start
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, isLikelier(heap[child + 1], heap[child]) { child += 1 }
      guard isLikelier(heap[child], heap[root]) else { return }
      heap.swapAt(root, child)
      root = child
    }
  }
}
