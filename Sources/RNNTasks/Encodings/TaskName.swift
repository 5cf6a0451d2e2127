import RNNCore

/// What the command line, files and reports call a task.
///
/// Tasks of ``compared`` are ``SequenceTask``s for cells to be compared on; those of ``learned``
/// have an encoding, so that a model of them is of use for other data. Texts and tags are both.
public enum TaskName: String, CaseIterable, Codable, Hashable, Sendable {
  /// The roles of the words in requests for flights; generated.
  case slots
  /// The sum of two marked numbers of a long sequence; generated.
  case adding
  /// The order of two symbols far apart; generated.
  case temporalOrder = "temporal-order"
  /// Symbols to be repeated after a delay; generated.
  case copy
  /// The digits that letters without spaces spell; generated.
  case spelledDigits = "spelled-digits"
  /// A tag for each word, and an intent for the sentence where there are some.
  case tag
  /// The next character or word of a text.
  case lm
  /// A class for a whole text or time series.
  case classify
  /// The next notes of a piano roll.
  case music
  /// A sentence in another language.
  case translate
  /// The sentence itself, from a single vector.
  case autoencode
  /// The brackets over a sentence.
  case parse
  /// A generated problem of turning one sequence into another.
  case transduce
  /// An answer to a question about an image.
  case vqa

  /// Those that ``makeTask(_:options:)-(TaskName,_)`` makes.
  public static let compared: [TaskName] = [
    .slots, .adding, .temporalOrder, .copy, .spelledDigits, .lm, .tag,
  ]

  /// Those that ``makeTask(_:at:options:encoding:vocabulary:)`` makes.
  public static let learned: [TaskName] = [
    .tag, .lm, .classify, .music, .translate, .autoencode, .parse, .transduce, .vqa,
  ]

  /// Reads the name of one of `tasks`; `chars` is another name of ``lm``, `tagging` of ``tag``.
  ///
  /// Throws `.format` for any other, listing `tasks`.
  public init(named name: String, among tasks: [TaskName]) throws(RNNError) {
    let others: [String: TaskName] = ["chars": .lm, "tagging": .tag]
    guard let task = TaskName(rawValue: name) ?? others[name], tasks.contains(task) else {
      throw RNNError(
        .format, "task", expected: "one of \(Self.list(tasks))", found: name.excerpt)
    }
    self = task
  }

  /// The kind of pairs; nil for the others.
  public var pairs: PairKind? { PairKind(rawValue: rawValue) }

  /// An error for a task that is none of `tasks`.
  func refused(among tasks: [TaskName]) -> RNNError {
    RNNError(.unsupported, "task", expected: "one of \(Self.list(tasks))", found: rawValue)
  }

  private static func list(_ tasks: [TaskName]) -> String {
    tasks.map(\.rawValue).joined(separator: ", ")
  }
}
