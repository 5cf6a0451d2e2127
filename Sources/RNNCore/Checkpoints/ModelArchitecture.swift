/// What kind of model a file holds, and its shape.
public enum ModelArchitecture: Sendable, Hashable {
  /// A ``SequenceModel``.
  case sequence(ModelConfiguration)
  /// An ``EncoderDecoder``.
  case encoderDecoder(EncoderDecoderConfiguration)
  /// A ``VisualQuestionModel``.
  case visualQuestion(VisualQuestionConfiguration)
}

/// A model that can be saved to a file: see ``ModelFile``.
public protocol SavableModel: AnyObject {
  var parameters: ParameterStore { get }
  var architecture: ModelArchitecture { get }

  /// The model in a file, bit for bit as it was saved.
  ///
  /// Throws ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number, and
  /// ``RNNError/Kind/unsupported`` for a file with another kind of model.
  init(_ file: ModelFile, team: ThreadTeam) throws(RNNError)
}

extension SequenceModel: SavableModel {
  public var architecture: ModelArchitecture { .sequence(configuration) }
}

extension EncoderDecoder: SavableModel {
  public var architecture: ModelArchitecture { .encoderDecoder(configuration) }
}

extension VisualQuestionModel: SavableModel {
  public var architecture: ModelArchitecture { .visualQuestion(configuration) }
}

extension ModelArchitecture {
  /// In a sentence.
  var name: String {
    switch self {
    case .sequence: "a sequence model"
    case .encoderDecoder: "an encoder-decoder"
    case .visualQuestion: "a model for questions about images"
    }
  }

  /// Recurrent layers of one direction.
  var layers: Int {
    switch self {
    case .sequence(let configuration):
      if case .recurrent(_, let layers, _) = configuration.body { layers } else { 0 }
    case .encoderDecoder(let configuration): configuration.layers
    case .visualQuestion(let configuration): configuration.layers
    }
  }

  /// Its parameters; throws what making such a model throws.
  func layout() throws(RNNError) -> ParameterLayout {
    var layout = ParameterLayout()
    switch self {
    case .sequence(let configuration):
      _ = try ModelLayers(configuration, declaringIn: &layout)
    case .encoderDecoder(let configuration):
      _ = try EncoderDecoderLayers(configuration, declaringIn: &layout)
    case .visualQuestion(let configuration):
      _ = try VisualQuestionLayers(configuration, declaringIn: &layout)
    }
    return layout
  }

  // MARK: - As text

  private static let field = "architecture"

  /// The kinds that a configuration names.
  private enum Kind: String, CaseIterable {
    case encoderDecoder = "encoder-decoder"
    case visualQuestion = "visual-question"
  }

  /// All fields of the configuration as JSON on one line. That of a sequence model does not name its kind, which
  /// was the only one when version 1 of the format began.
  var json: String {
    switch self {
    case .sequence(let configuration): configuration.json
    case .encoderDecoder(let configuration): Self.json(.encoderDecoder, configuration.jsonMembers)
    case .visualQuestion(let configuration): Self.json(.visualQuestion, configuration.jsonMembers)
    }
  }

  private static func json(_ kind: Kind, _ members: [JSONText.Member]) -> String {
    JSONText.object([.init(field, .string(kind.rawValue))] + members).text
  }

  /// Reads ``json``, every field of it and no other, and validates it.
  ///
  /// - Parameter name: what complaints call it.
  init(json text: String, name: String) throws(RNNError) {
    var fields = try JSONFields(parsing: text, name: name)
    guard fields.has(Self.field) else {
      self = .sequence(try ModelConfiguration(&fields))
      return
    }
    switch try fields.choice(Self.field, Kind.allCases.map { ($0.rawValue, $0) }) {
    case .encoderDecoder: self = .encoderDecoder(try EncoderDecoderConfiguration(&fields))
    case .visualQuestion: self = .visualQuestion(try VisualQuestionConfiguration(&fields))
    }
  }
}
