internal import CLibrary

/// The likeliest labellings of a sequence by the outputs of a model with
/// ``Loss/connectionistTemporalClassification``: prefix beam search (Hannun, Maas, Jurafsky and Ng
/// 2014).
///
/// The likeliest alignment need not belong to the likeliest labels, whose many alignments add up.
/// The search goes through the steps with the `width` likeliest prefixes of labellings, each with
/// the probabilities of its alignments that end in a blank, p_b, and in its last label, p_l. With y
/// the softmax of the next step and e the prefix's last label:
///
///     p_b' = (p_b + p_l)·y[blank]
///     p_l' = p_l·y[e] + (from the prefix without e) what that grows by
///     a prefix grows by label k with (p_b + p_l)·y[k], or p_b·y[k] for k = e
///
/// A width that no step's prefixes exceed leaves nothing out, so that all probabilities are exact.
/// Otherwise they are lower bounds.
public struct CTCBeamSearch: Sendable, Hashable {
  /// A labelling with what its alignments are worth together.
  public struct Labelling: Sendable, Hashable {
    /// The labels in their order, without blanks.
    public let labels: [Int32]
    /// Natural logarithm; 0 at most but for rounding.
    public let logProbability: Double
  }

  /// How many prefixes are kept from step to step.
  public let width: Int

  /// Throws `.range` for a width below 1.
  public init(width: Int = 16) throws(RNNError) {
    try requirePositive(width, "beam width")
    self.width = width
  }

  /// The labellings that the search ends with, the likeliest first: one at least, at most
  /// ``width``.
  ///
  /// Of equal ones that which was kept first comes first. Throws `.range` for fewer than 2 classes,
  /// `.empty` for no outputs, `.shape` for a number of them that is no multiple of the classes, and
  /// `.nonFinite` for a step that has no distribution: with an output that is not a number or plus
  /// infinity, or none above minus infinity. Costs T·width·K additions of logarithms and look-ups,
  /// and the sorting of as many.
  ///
  /// - Parameters:
  ///   - outputs: row-major [T, K] of one sequence, as
  ///     ``SequenceModel/outputs(for:state:pass:recording:)`` gives them; logits or logarithms of
  ///     probabilities.
  ///   - classes: K, the blank (0) among them.
  public func labellings(
    of outputs: [Float], classes: Int
  ) throws(RNNError) -> [Labelling] {
    guard classes > 1 else {
      throw RNNError(.range, "classes", expected: "at least 2", found: "\(classes)")
    }
    guard !outputs.isEmpty else {
      throw RNNError(.empty, "outputs", expected: "at least one step", found: "none")
    }
    guard outputs.count % classes == 0 else {
      throw RNNError(
        .shape, "outputs", expected: "steps of \(classes) classes",
        found: "\(outputs.count) numbers")
    }
    var beam = PrefixBeam(width: width)
    for step in 0..<outputs.count / classes {
      beam.advance(try Self.logarithms(outputs[step * classes..<(step + 1) * classes], step: step))
    }
    return beam.prefixes.map {
      Labelling(labels: beam.tree.labels(of: $0.node), logProbability: $0.total)
    }
  }

  /// log softmax.
  private static func logarithms(
    _ outputs: ArraySlice<Float>, step: Int
  ) throws(RNNError) -> [Double] {
    let top = Double(outputs.max() ?? 0)
    guard top.isFinite, !outputs.contains(where: \.isNaN) else {
      throw RNNError(
        .nonFinite, "outputs of step \(step)",
        expected: "numbers or minus infinity, but not in all", found: "\(Array(outputs))")
    }
    // Not added up first: beside outputs of 1e20 the sum's logarithm would be lost.
    let level = log(outputs.reduce(0) { $0 + exp(Double($1) - top) })
    return outputs.map { Double($0) - top - level }
  }
}

/// The prefixes that a search has kept, the likeliest first.
private struct PrefixBeam {
  struct Prefix {
    /// Its node of the tree.
    var node: Int
    /// log p_b and log p_l.
    var blank = -Double.infinity
    var label = -Double.infinity

    var total: Double { logSum(blank, label) }
  }

  let width: Int
  var tree = LabelTree()
  /// At first the empty one alone, for certain.
  var prefixes = [Prefix(node: LabelTree.root, blank: 0)]

  /// - Parameter y: [K], logarithms of probabilities.
  mutating func advance(_ y: [Double]) {
    var next: [Prefix] = []
    var places: [Int: Int] = [:]
    for (place, prefix) in prefixes.enumerated() {
      let last = tree.label(of: prefix.node)
      next.append(
        Prefix(
          node: prefix.node, blank: prefix.total + y[Int(Loss.blank)],
          label: last.map { prefix.label + y[Int($0)] } ?? -.infinity))
      places[prefix.node] = place
    }
    var grown: [(parent: Int, label: Int32, score: Double)] = []
    for prefix in prefixes {
      let (last, total) = (tree.label(of: prefix.node), prefix.total)
      for label in Loss.blank + 1..<Int32(y.count) {
        let score = (label == last ? prefix.blank : total) + y[Int(label)]
        if let place = tree.child(of: prefix.node, label).flatMap({ places[$0] }) {
          next[place].label = logSum(next[place].label, score)
        } else if score > -.infinity {
          grown.append((prefix.node, label, score))
        }
      }
    }
    keepBest(of: next, and: grown)
  }

  /// Only prefixes that are kept become nodes of the tree.
  private mutating func keepBest(
    of old: [Prefix], and grown: [(parent: Int, label: Int32, score: Double)]
  ) {
    let scores = old.map(\.total) + grown.map(\.score)
    let ranking = scores.indices.filter { scores[$0] > -.infinity }.sorted {
      scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
    }
    prefixes = ranking.prefix(width).map { index in
      if index < old.count { return old[index] }
      let new = grown[index - old.count]
      return Prefix(node: tree.addChild(of: new.parent, new.label), label: new.score)
    }
  }
}

/// Sequences of labels that share their beginnings. A sequence has one node for good, so that it is
/// known again when it comes back after having been left out.
private struct LabelTree {
  private struct Edge: Hashable {
    var parent: Int
    var label: Int32
  }

  static let root = 0

  /// The last label and the rest of each node; the root is empty.
  private var edges = [Edge(parent: -1, label: Loss.blank)]
  private var children: [Edge: Int] = [:]

  func label(of node: Int) -> Int32? { node == Self.root ? nil : edges[node].label }

  func child(of node: Int, _ label: Int32) -> Int? { children[Edge(parent: node, label: label)] }

  mutating func addChild(of node: Int, _ label: Int32) -> Int {
    if let known = child(of: node, label) { return known }
    let edge = Edge(parent: node, label: label)
    edges.append(edge)
    children[edge] = edges.count - 1
    return edges.count - 1
  }

  func labels(of node: Int) -> [Int32] {
    var (node, labels) = (node, [Int32]())
    while node != Self.root {
      labels.append(edges[node].label)
      node = edges[node].parent
    }
    return labels.reversed()
  }
}

/// log(e^a + e^b), each of which may be minus infinity.
private func logSum(_ a: Double, _ b: Double) -> Double {
  let top = max(a, b)
  return top == -.infinity ? top : top + log1p(exp(min(a, b) - top))
}
