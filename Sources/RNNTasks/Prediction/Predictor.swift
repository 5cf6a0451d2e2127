import RNNCore

/// A saved model that answers new data: any kind that `rnnbench train` writes, or one that was
/// saved with ``TaskEncoding/metadata(options:)``.
///
/// ```swift
/// let tagger = try Predictor(contentsOf: "tagger.safetensors")
/// print(try tagger.predict("flights from boston to denver"))   // O O B-from O B-to
/// ```
///
/// A predictor belongs to one thread at a time.
public final class Predictor {
  /// What is told of an answer beside itself.
  public struct Detail: Sendable, Hashable {
    /// Whether probabilities are told.
    public var hasProbabilities: Bool
    /// How many of the likeliest answers are told; 0 for none. Of models that write texts, 1 is the
    /// one that is written.
    public var top: Int

    /// Tells nothing but answers, unless asked for more.
    public init(hasProbabilities: Bool = false, top: Int = 0) {
      (self.hasProbabilities, self.top) = (hasProbabilities, top)
    }

    /// Whether probabilities have to be computed.
    var isAsked: Bool { hasProbabilities || top > 0 }
  }

  /// How the model's numbers become names.
  public let encoding: TaskEncoding
  private let model: any AnsweringModel

  /// The model in a file. Throws what reading it throws, and `.format` for a model that is saved
  /// without its vocabulary, or with that of another.
  ///
  /// - Parameters:
  ///   - path: the file's.
  ///   - beam: beginnings that the search for a text keeps (translate, autoencode, parse,
  ///     transduce); 1 always takes the likeliest next token, nil what the options say.
  ///   - textGoesOn: whether each text continues the one before (lm); if not, each begins after the
  ///     end of a line.
  ///   - options: how the model's data were read; nil for what the file tells.
  ///   - team: the threads that work on it.
  public convenience init(
    contentsOf path: String, beam: Int? = nil, textGoesOn: Bool = false,
    options: DataOptions? = nil,
    team: ThreadTeam = .shared
  ) throws(RNNError) {
    try self.init(
      ModelFile(reading: path), beam: beam, textGoesOn: textGoesOn, options: options, team: team)
  }

  /// The model in a file that is read already.
  public init(
    _ file: ModelFile, beam: Int? = nil, textGoesOn: Bool = false, options: DataOptions? = nil,
    team: ThreadTeam = .shared
  ) throws(RNNError) {
    guard let encoding = try TaskEncoding(file) else {
      throw RNNError(
        .format, file.path, expected: "a model with its vocabulary", found: "one without")
    }
    self.encoding = encoding
    var known = options
    if known == nil { known = try TaskEncoding.options(in: file) }
    var options = known ?? DataOptions()
    if let beam { options.beam = beam }
    model =
      switch encoding {
      case .tag(let tagging): try TagModel(file, tagging, scheme: options.scheme, team)
      case .classify(let classes): try ClassModel(file, classes, team)
      case .lm(let text): try TextModel(file, text, goesOn: textGoesOn, team)
      case .music(let music): try MusicModel(file, music, team)
      case .pairs(let pairs): try PairModel(file, pairs, options, team)
      case .vqa(let visual): try ImageModel(file, visual, team)
      }
  }

  /// One answer for each input, in order.
  ///
  /// Throws `.unsupported` for an input that is of another kind of model, and `.shape` or `.range`
  /// for series, notes and images that do not fit this one. Costs a forward pass; for models that
  /// write texts one of the encoder, and a step of the decoder a token and beginning. Memory grows
  /// with all inputs together.
  public func predictions(
    for inputs: [PredictionInput], detail: Detail = Detail()
  ) throws(RNNError) -> [Prediction] {
    try model.predictions(for: inputs, detail)
  }

  /// The answer to a text, in short: see ``Prediction/text``.
  public func predict(_ text: String) throws(RNNError) -> String {
    try predictions(for: [.text(text)])[0].text
  }

  /// Throws `.shape` or `.range` for an input that the model cannot answer, as
  /// ``predictions(for:detail:)`` would for all of them.
  package func check(_ input: PredictionInput) throws(RNNError) { try model.check(input) }

  /// How many numbers an input takes at most while it is answered: what a batch has to hold down.
  package func size(of input: PredictionInput) -> Int { model.size(of: input) }
}

/// A model of one kind with its encoding.
protocol AnsweringModel {
  /// See ``Predictor/predictions(for:detail:)``.
  func predictions(
    for inputs: [PredictionInput], _ detail: Predictor.Detail
  ) throws(RNNError) -> [Prediction]

  /// Throws for an input that ``predictions(for:_:)`` would throw for.
  func check(_ input: PredictionInput) throws(RNNError)

  /// Numbers that its answers come from.
  func size(of input: PredictionInput) -> Int
}

extension PredictionInput {
  /// What complaints call it.
  private var name: String {
    switch self {
    case .text: "a text"
    case .words: "words"
    case .tree: "a tree"
    case .series: "a time series"
    case .notes: "notes"
    case .question: "a question about an image"
    }
  }

  /// The error of an input of another kind of model.
  func refused(_ expected: String) -> RNNError {
    RNNError(.unsupported, "input", expected: expected, found: name)
  }
}

extension Array {
  /// Answers those elements alone in which `content` finds something, and ``Prediction/nothing``
  /// to the others.
  func answered<Content>(
    _ content: (Element) throws(RNNError) -> Content?,
    _ answer: ([Content]) throws(RNNError) -> [Prediction]
  ) throws(RNNError) -> [Prediction] {
    var (places, contents): ([Int], [Content]) = ([], [])
    for (place, element) in enumerated() {
      guard let content = try content(element) else { continue }
      places.append(place)
      contents.append(content)
    }
    var predictions = [Prediction](repeating: Prediction(.nothing), count: count)
    guard !places.isEmpty else { return predictions }
    for (place, prediction) in zip(places, try answer(contents)) { predictions[place] = prediction }
    return predictions
  }
}
