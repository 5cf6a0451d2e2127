/// Names of classes: those that training shows, then those that it does not and that are therefore
/// never right.
public struct ClassNames: Hashable, Sendable {
  /// By class id.
  public let all: [String]
  /// How many of them training shows.
  public let trainedCount: Int
  private let vocabulary: Vocabulary<String>

  /// What stands for names that come up later.
  static let unknown = "<unknown>"

  /// Numbers both in order of first appearance.
  init(trained: some Sequence<String>, others: some Sequence<String>) {
    let trained = Vocabulary(trained)
    self.init(all: Vocabulary(trained.symbols + Array(others)), trainedCount: trained.count)
  }

  init(all: Vocabulary<String>, trainedCount: Int) {
    vocabulary = all
    self.all = all.symbols
    self.trainedCount = trainedCount
  }

  /// How many classes there are, those of held-out data among them.
  public var count: Int { all.count }

  /// The last class for a name that is none of them.
  func id(of name: String) -> Int32 { min(vocabulary.id(of: name), Int32(count - 1)) }

  /// Whether a class has that name.
  func has(_ name: String) -> Bool { vocabulary.knownID(of: name) != nil }

  /// Whether training shows the class, so that answering with it can be right.
  func isTrained(_ id: Int32) -> Bool { id < trainedCount }

  /// The name of a class that can be answered with; nil for others.
  public func name(of id: Int32) -> String? {
    isTrained(id) ? vocabulary.symbol(of: id) : nil
  }
}
