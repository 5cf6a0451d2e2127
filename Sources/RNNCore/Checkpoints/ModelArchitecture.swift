/// What kind of model a file holds, and its shape.
public enum ModelArchitecture: Sendable, Hashable {
  /// A ``SequenceModel``.
  case sequence(ModelConfiguration)
  /// An ``EncoderDecoder``.
  case encoderDecoder(EncoderDecoderConfiguration)
}

/// A model that can be saved to a file: see ``ModelFile``.
public protocol SavableModel: AnyObject {
  var parameters: ParameterStore { get }
  var architecture: ModelArchitecture { get }
}

extension SequenceModel: SavableModel {
  public var architecture: ModelArchitecture { .sequence(configuration) }
}

extension EncoderDecoder: SavableModel {
  public var architecture: ModelArchitecture { .encoderDecoder(configuration) }
}

extension ModelArchitecture {
  /// In a sentence.
  var name: String {
    switch self {
    case .sequence: "a sequence model"
    case .encoderDecoder: "an encoder-decoder"
    }
  }

  /// Recurrent layers of one direction.
  var layers: Int {
    switch self {
    case .sequence(let configuration):
      if case .recurrent(_, let layers, _) = configuration.body { layers } else { 0 }
    case .encoderDecoder(let configuration): configuration.layers
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
    }
    return layout
  }

  // MARK: - As text

  private static let field = "architecture"
  private static let encoderDecoder = "encoder-decoder"

  /// All fields of the configuration as JSON on one line. That of a sequence model does not name its kind, which
  /// was the only one when version 1 of the format began.
  var json: String {
    switch self {
    case .sequence(let configuration): configuration.json
    case .encoderDecoder(let configuration):
      JSONText.object(
        [.init(Self.field, .string(Self.encoderDecoder))] + configuration.jsonMembers
      ).text
    }
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
    _ = try fields.choice(Self.field, [(Self.encoderDecoder, ())])
    self = .encoderDecoder(try EncoderDecoderConfiguration(&fields))
  }
}
