@testable import RNNCore
@testable import RNNTasks
@testable import TestSupport

/// A model of questions about images in plain numbers, one question and one region at a time.
struct VisualQuestionOracle {
  var configuration: VisualQuestionConfiguration

  /// Nats a question.
  func loss<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ questions: [VisualQuestion], _ patches: [Float],
    moved: VisualQuestionMoves<Scalar>? = nil
  ) -> Scalar {
    let losses = questions.enumerated().map { index, question -> Scalar in
      let (probabilities, _) = answer(
        parameters, question, patches, moved: moved?.question(index, image: question.image))
      return 0.0 - probabilities[Int(question.answer ?? 0)].logarithm()
    }
    return losses.reduce(0.0, +) / Scalar(Double(losses.count))
  }

  /// Probabilities of the answers, and α of the regions.
  func answer<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ question: VisualQuestion, _ patches: [Float],
    moved: VisualQuestionMoves<Scalar>.Question? = nil
  ) -> (probabilities: [Scalar], attention: [Scalar]) {
    let query = state(parameters, question.words)
    func move(_ values: [Scalar], by distance: [Scalar]?) -> [Scalar] {
      distance.map { zip(values, $0).map { $0 + $1 } } ?? values
    }
    let read = move(query, by: moved?.state)
    var (seen, weights): ([Scalar], [Scalar]) = (read, [])
    if let image = configuration.image {
      let regions = regions(parameters, image, question.image, patches).enumerated().map {
        move($1, by: moved?.regions[$0])
      }
      weights = scores(
        parameters, image.attention, move(query, by: moved?.scores), regions
      ).softmax()
      var context = [Scalar](repeating: 0.0, count: query.count)
      for (weight, region) in zip(weights, regions) {
        for index in context.indices { context[index] = context[index] + weight * region[index] }
      }
      seen = context + read + zip(context, move(query, by: moved?.product)).map { $0 * $1 }
    }
    let hidden = dense("combination", seen, parameters).map { $0.hyperbolicTangent() }
    return (dense("readout", hidden, parameters).softmax(), weights)
  }

  /// What the network that reads the question gives at its ends.
  private func state<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ words: [Int32]
  ) -> [Scalar] {
    let shape = configuration.question
    let network = OracleNetwork(
      cell: shape.cell.oracle(feedback: .identity), layers: shape.layers,
      directions: shape.directions.oracle, input: shape.inputSize, hidden: shape.hiddenSize)
    var arguments = OracleArguments<Scalar>()
    for (name, values) in parameters where name.hasPrefix("question.") {
      arguments.parameters[String(name.dropFirst("question.".count))] = values
    }
    let table = parameters["question.embedding.weight"] ?? []
    arguments.sequences = [
      words.map { Array(table[Int($0) * shape.inputSize..<(Int($0) + 1) * shape.inputSize]) }
    ]
    let zeros = [Scalar](repeating: 0.0, count: network.hidden)
    let count = network.layers * network.directions.count
    arguments.initialHidden = Array(repeating: [zeros], count: count)
    arguments.initialCell = network.cell.isLSTM ? arguments.initialHidden : []
    let states = network.run(arguments).finalHidden
    let own = (0..<network.directions.count).map {
      states[network.stateIndex(layer: network.layers - 1, direction: $0)][0]
    }
    switch network.directions {
    case .forward: return own[0]
    case .bidirectionalConcat: return own[0] + own[1]
    case .bidirectionalSum: return zip(own[0], own[1]).map { $0 + $1 }
    }
  }

  private func regions<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ image: VisualQuestionConfiguration.Image, _ index: Int,
    _ patches: [Float]
  ) -> [[Scalar]] {
    let places = parameters["image.position.weight"] ?? []
    return (0..<image.rows * image.columns).map { region in
      let first = (index * image.rows * image.columns + region) * image.patchWidth
      let patch = patches[first..<first + image.patchWidth].map { Scalar(Double($0)) }
      return dense("image.region", patch, parameters).enumerated().map { unit, value in
        value.rectified() + places[region * configuration.hiddenSize + unit]
      }
    }
  }

  private func scores<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ score: AttentionScore, _ query: [Scalar],
    _ keys: [[Scalar]]
  ) -> [Scalar] {
    keys.map { key in
      switch score {
      case .dot: return dot(query, key)
      case .general: return dot(query, dense("attention.key", key, parameters))
      case .concat:
        let sum = zip(
          dense("attention.query", query, parameters), dense("attention.key", key, parameters)
        ).map { ($0 + $1).hyperbolicTangent() }
        return dot(parameters["attention.vector"] ?? [], sum)
      }
    }
  }

  private func dot<Scalar: OracleScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
    zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 }
  }

  /// W x + b, or W x where there is no bias.
  private func dense<Scalar: OracleScalar>(
    _ name: String, _ input: [Scalar], _ parameters: [String: [Scalar]]
  ) -> [Scalar] {
    let weight = parameters["\(name).weight"] ?? []
    let bias = parameters["\(name).bias"]
    return (0..<weight.count / input.count).map { row in
      dot(Array(weight[row * input.count..<(row + 1) * input.count]), input)
        + (bias?[row] ?? 0.0)
    }
  }
}

/// What is added to states and regions on one way each, zeros to differentiate by.
struct VisualQuestionMoves<Scalar> {
  /// Of each question: where the layer before the answer, the product and the scores read its
  /// state.
  var state: [[Scalar]]
  var product: [[Scalar]]
  var scores: [[Scalar]]
  /// [image][region]
  var regions: [[[Scalar]]]

  struct Question {
    var state: [Scalar]
    var product: [Scalar]
    var scores: [Scalar]
    var regions: [[Scalar]]
  }

  func question(_ index: Int, image: Int) -> Question {
    Question(
      state: state[index], product: product[index], scores: scores[index], regions: regions[image])
  }
}
