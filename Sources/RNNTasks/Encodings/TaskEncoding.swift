import RNNCore

/// All that turns the data of a ``DataTask`` into numbers and answers back into names: what has to
/// be saved beside the parameters of a model.
public enum TaskEncoding: Hashable, Sendable {
  /// Words with a tag each.
  case tag(TaggingEncoding)
  /// A text whose next symbol is predicted.
  case lm(TextEncoding)
  /// Texts or series with one class each.
  case classify(ClassificationEncoding)
  /// Piano rolls whose next notes are predicted.
  case music(MusicEncoding)
  /// Sequences that are written for others.
  case pairs(PairEncoding)
  /// Questions about images.
  case vqa(VisualQuestionEncoding)

  /// Which task the encoding belongs to.
  public var kind: TaskName {
    switch self {
    case .tag: .tag
    case .lm: .lm
    case .classify: .classify
    case .music: .music
    case .vqa: .vqa
    case .pairs(let encoding):
      switch encoding.kind {
      case .translate: .translate
      case .autoencode: .autoencode
      case .parse: .parse
      case .transduce: .transduce
      }
    }
  }
}

extension TaskEncoding {
  /// One JSON object on one line.
  public var json: String {
    let fields =
      switch self {
      case .tag(let encoding): encoding.jsonFields
      case .lm(let encoding): encoding.jsonFields
      case .classify(let encoding): encoding.jsonFields
      case .music(let encoding): encoding.jsonFields
      case .pairs(let encoding): encoding.jsonFields
      case .vqa(let encoding): encoding.jsonFields
      }
    return JSONText.object([.init("kind", .string(kind.rawValue))] + fields).text
  }

  /// Reads ``json``: every field of it and no other.
  ///
  /// - Parameters:
  ///   - json: the text.
  ///   - name: what complaints call it.
  ///
  /// Throws `.format` for anything else, also for symbols given twice and for sizes
  /// that no data have.
  public init(json: String, name: String) throws(RNNError) {
    var fields = try JSONFields(parsing: json, name: name)
    let kinds = TaskName.learned.map { ($0.rawValue, $0) }
    let kind = try fields.choice("kind", kinds)
    switch kind {
    case .tag: self = .tag(try TaggingEncoding(&fields))
    case .lm: self = .lm(try TextEncoding(&fields))
    case .classify: self = .classify(try ClassificationEncoding(&fields))
    case .music: self = .music(try MusicEncoding(&fields))
    case .translate: self = .pairs(try PairEncoding(.translate, &fields))
    case .autoencode: self = .pairs(try PairEncoding(.autoencode, &fields))
    case .parse: self = .pairs(try PairEncoding(.parse, &fields))
    case .transduce: self = .pairs(try PairEncoding(.transduce, &fields))
    case .vqa: self = .vqa(try VisualQuestionEncoding(&fields))
    case .slots, .adding, .temporalOrder, .copy, .spelledDigits:
      preconditionFailure("no choice of the field")
    }
    try fields.finish()
  }
}
