/// The shape of one kind of models: what a ``ModelFile`` keeps of a model beside its numbers.
///
/// A kind of one's own is a type that conforms to this, and a ``SavableModel`` of it. Nothing else
/// has to know the kind: a file tells its name, and whoever asks for the configuration says which
/// type it is.
public protocol ModelArchitecture: Sendable, Hashable {
  /// The name of this kind of models in files, such as `encoder-decoder`.
  static var kind: String { get }
  /// A model of this kind in an error message, with its article, such as `an encoder-decoder`.
  static var title: String { get }

  /// Recurrent layers of one direction; 0 unless said otherwise. A file with fewer tensors is
  /// refused before any parameter is declared.
  var layers: Int { get }

  /// Everything that is to be kept, in the order in which it is written. None is called
  /// `architecture`.
  var fields: [JSONText.Member] { get }

  /// Reads all that ``fields`` holds and nothing else, and validates it.
  init(_ fields: inout JSONFields) throws(RNNError)

  /// The parameters of such a model, found without memory for them.
  ///
  /// Throws what making such a model throws.
  func layout() throws(RNNError) -> ParameterLayout
}

extension ModelArchitecture {
  public var layers: Int { 0 }

  /// The number of trainable parameters of such a model, found without memory for them.
  ///
  /// Throws what making such a model throws.
  public func parameterCount() throws(RNNError) -> Int { try layout().parameterCount }

  // MARK: - As text

  /// All ``fields`` on one line, behind the name of the kind. That of a sequence model does not
  /// name its kind, which was the only one when version 1 of the format began.
  public var json: String {
    let kind: [JSONText.Member] =
      Self.kind == ArchitectureText.firstKind
      ? [] : [.init(ArchitectureText.field, .string(Self.kind))]
    return JSONText.object(kind + fields).text
  }

  /// Reads ``json``, every field of it and no other, and validates it.
  ///
  /// Throws ``RNNError/Kind/format`` for text that is no configuration,
  /// ``RNNError/Kind/unsupported`` for one of another kind, and what a configuration's own check
  /// throws.
  ///
  /// - Parameters:
  ///   - text: as ``json`` wrote it.
  ///   - name: what complaints call it.
  public init(json text: String, name: String) throws(RNNError) {
    var description = try ArchitectureText(text, name: name)
    try description.require(Self.self, else: .unsupported, at: name)
    try self.init(&description.fields)
  }
}

/// A configuration as text, of which the kind has been read.
struct ArchitectureText: Sendable {
  static let field = "architecture"
  /// The kind of a configuration that does not name one.
  static let firstKind = "sequence"

  let kind: String
  /// All but the kind.
  var fields: JSONFields

  /// Throws ``RNNError/Kind/format`` for text that is no JSON object or names its kind by anything
  /// but a text.
  init(_ text: String, name: String) throws(RNNError) {
    fields = try JSONFields(parsing: text, name: name)
    kind = fields.has(Self.field) ? try fields.text(Self.field) : Self.firstKind
  }

  /// Throws an error of kind `failure` about `place` unless the text describes a model of this
  /// architecture's kind.
  func require<Architecture: ModelArchitecture>(
    _ type: Architecture.Type, else failure: RNNError.Kind, at place: String
  ) throws(RNNError) {
    guard kind == type.kind else {
      throw RNNError(
        failure, place, expected: type.title, found: "a model of kind \(kind.excerpt)")
    }
  }
}

/// A model that can be saved to a file, see ``ModelFile``, and made from one.
public protocol SavableModel: AnyObject {
  /// What says which layers the model has and how wide they are.
  associatedtype Configuration: ModelArchitecture

  /// What the model was made from, and what a file needs to make it again.
  var configuration: Configuration { get }
  /// The parameters, which ``ModelArchitecture/layout()`` of the configuration declares.
  var parameters: ParameterStore { get }

  /// Throws what ``ModelArchitecture/layout()`` throws.
  ///
  /// - Parameters:
  ///   - configuration: the shape of the model.
  ///   - initialization: how weights start; nil for what suits the configuration.
  ///   - seed: of the initial weights.
  ///   - team: the threads that work on it.
  init(
    _ configuration: Configuration, initialization: InitializationPlan?, seed: UInt64,
    team: ThreadTeam
  ) throws(RNNError)
}
