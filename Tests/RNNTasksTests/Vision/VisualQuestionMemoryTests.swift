import Testing

@testable import RNNCore
@testable import RNNTasks

@Suite("Memory of questions about images")
struct VisualQuestionMemoryTests {
  @Test(
    "A training step takes what was reckoned at most, and more than half of it",
    arguments: [nil, .dot, .general, .concat] as [AttentionScore?])
  func step(_ attention: AttentionScore?) throws {
    let configuration = VisualQuestionConfiguration(
      vocabulary: 40, embedding: 32, cell: .gru(), hiddenSize: 64,
      image: attention.map {
        VisualQuestionConfiguration.Image(rows: 6, columns: 6, patchWidth: 27, attention: $0)
      },
      answers: 12, dropout: 0.3)
    let (count, words) = (30, 14)
    let questions = (0..<count).map { index in
      VisualQuestion(
        words: (0..<words).map { Int32($0 + index % 20) }, image: index % 10,
        answer: Int32(index % 12))
    }
    let patches = (0..<10 * (configuration.image?.width ?? 0)).map { Float($0 % 7) }
    let batch = try VisualQuestionBatch(questions, patches: patches, for: configuration)
    var need = try configuration.memoryNeeded(
      for: BatchExtent(sequences: count, steps: words), images: 10)
    need.add("gradients", floats: try configuration.layout().floats)
    let (_, bytes) = try EngineMemory.counting {
      let model = try VisualQuestionModel(configuration, seed: 1, team: ThreadTeam(count: 1))
      let gradients = ParameterStore(layout: model.parameters.layout)
      let pass = model.makePass()
      var dropout: RandomGenerator? = RandomGenerator(seed: 1)
      for _ in 0..<2 {
        try model.addGradient(for: batch, pass: pass, dropout: &dropout, to: gradients)
      }
    }
    #expect(need.bytes >= bytes, "\(need.parts), taken \(bytes)")
    #expect(need.bytes <= 2 * bytes + 1 << 20, "\(need.parts), taken \(bytes)")
    let huge = try configuration.memoryNeeded(
      for: BatchExtent(sequences: .max, tokens: .max), images: .max)
    #expect(huge.bytes == .max)
  }
}
