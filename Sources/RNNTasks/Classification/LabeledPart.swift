import RNNCore

/// A part of a data set of sequences with a class each, before classes and tokens have their final
/// ids, with the file or directory it was read from, for complaints.
struct LabeledPart: Sendable {
  let path: String
  private var tokens = FlatSequences<Int32>()
  private var features = FlatSequences<Float>()
  /// Numbers a step of a time series; nil for texts.
  private let width: Int?
  /// The class of each sequence that was read, and their names.
  private var classes = SpillingArray<Int32>()
  private var names = TokenTable()
  /// Which of the sequences that were read belong to the part; nil for all.
  private var members: [Int32]?

  /// - Parameter width: numbers a step of time series; nil for texts.
  init(path: String, width: Int? = nil) { (self.path, self.width) = (path, width) }

  /// How many sequences there are.
  var count: Int { members?.count ?? classes.count }

  /// Adds a text.
  ///
  /// Throws `.file` where there is no room on disk.
  mutating func append(tokens ids: some Sequence<Int32>, label: String) throws(RNNError) {
    try tokens.append(ids)
    try classes.append(names.id(of: label))
  }

  /// Adds a time series, row-major.
  ///
  /// Throws `.file` where there is no room on disk.
  mutating func append(features values: some Sequence<Float>, label: String) throws(RNNError) {
    try features.append(values)
    try classes.append(names.id(of: label))
  }

  /// Where the sequence is among those that were read.
  private func place(_ index: Int) -> Int { members.map { Int($0[index]) } ?? index }

  /// The token ids of a text.
  func tokens(_ index: Int) -> [Int32] { tokens[place(index)] }

  /// The numbers of a time series, row-major.
  func features(_ index: Int) -> [Float] { features[place(index)] }

  /// Says that some neighbours will be read.
  @Sendable func willRead(_ part: Range<Int>) {
    guard let last = part.last else { return }
    // Members are in the order of the file.
    let places = place(part.lowerBound)..<place(last) + 1
    if width == nil { tokens.willRead(places) } else { features.willRead(places) }
  }

  /// The class of a sequence.
  func label(_ index: Int) -> String { names.tokens[Int(classes[place(index)])] }

  /// The class of each sequence by the ids of `vocabulary`.
  ///
  /// Throws `.vocabulary` for one that is not among them.
  func classIDs(_ vocabulary: Vocabulary<String>) throws(RNNError) -> SpillingArray<Int32> {
    let known = names.tokens.map { vocabulary.knownID(of: $0) }
    var ids = SpillingArray<Int32>()
    for index in 0..<count {
      guard let id = known[Int(classes[place(index)])] else {
        throw RNNError(
          .vocabulary, path, expected: "the classes of training", found: label(index).excerpt)
      }
      try ids.append(id)
    }
    return ids
  }

  /// The class names in the order of their scalars.
  var labels: [String] {
    var isThere = [Bool](repeating: false, count: names.tokens.count)
    for index in 0..<count { isThere[Int(classes[place(index)])] = true }
    return isThere.indices.filter { isThere[$0] }.map { ExactText(names.tokens[$0]) }.sorted()
      .map(\.text)
  }

  /// Takes the given share of each class out, drawn without regard to the order, and returns it. At
  /// least one sequence of each class stays.
  ///
  /// Throws `.range` when nothing would be taken.
  mutating func split(
    _ share: Double, name: String, using random: inout RandomGenerator
  ) throws(RNNError) -> LabeledPart {
    var byClass = [[Int32]](repeating: [], count: names.tokens.count)
    for index in 0..<count { byClass[Int(classes[place(index)])].append(Int32(index)) }
    var isTaken = [Bool](repeating: false, count: count)
    for label in labels {
      let members = byClass[Int(names.id(of: label))].shuffled(using: &random)
      let count = min(members.count - 1, Int((share * Double(members.count)).rounded()))
      for index in members.prefix(count) { isTaken[Int(index)] = true }
    }
    var (taken, left) = (self, self)
    taken.members = isTaken.indices.filter { isTaken[$0] }.map { Int32(place($0)) }
    left.members = isTaken.indices.filter { !isTaken[$0] }.map { Int32(place($0)) }
    guard taken.count > 0 else {
      throw RNNError(
        .range, name, expected: "examples enough to take a share of \(share) from",
        found: "\(count)")
    }
    self = left
    return taken
  }
}
