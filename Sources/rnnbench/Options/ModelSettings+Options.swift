import RNNCore
import RNNStudies

extension ModelSettings {
  /// The options, with `standard` where they are silent.
  init(_ options: ModelOptions, standard: ModelSettings) throws {
    self = standard
    embedding = options.embedding ?? standard.embedding
    hidden = options.hidden ?? standard.hidden
    layers = options.layers ?? standard.layers
    directions = options.directions ?? standard.directions
    window = options.window ?? standard.window
    dropout = options.dropout ?? standard.dropout
    recurrentDropout = options.recurrentDropout ?? standard.recurrentDropout
    uniformStart = try options.checkedUniformStart() ?? standard.uniformStart
    // A start of everything that is standard means nothing to who asks for one of the recurrent weights.
    if options.initialization != nil { uniformStart = nil }
    usesChain = options.crf ?? standard.usesChain
    tiesEmbedding = options.tied || standard.tiesEmbedding
    intentWeight = options.intentWeight ?? standard.intentWeight
    attention = options.attention ?? standard.attention
    feeding = options.feeding ?? standard.feeding
    // A feeding that is standard means nothing to who wants no attention.
    if options.feeding == nil, attention == .none { feeding = .none }
    sampling =
      try options.sampling.map { try SamplingSchedule($0).description } ?? standard.sampling
    reversesSource = options.reverseSource || standard.reversesSource
    usesImage = standard.usesImage && !options.noImage
    if let text = options.initialization { initialization = try Initialization(text) }
  }
}
