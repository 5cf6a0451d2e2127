import Testing

@testable import RNNCore

@Suite("Floating-point operations of a model")
struct ForwardFlopsTests {
  private static let layout = try? SequenceLayout(lengths: [50, 30])

  @Test("Readouts count for each answer, bodies for each token, sentence heads for each sequence")
  func counts() throws {
    let layout = try #require(Self.layout)
    func flops(_ change: (inout ModelConfiguration) -> Void) throws -> Double {
      var configuration = ModelConfiguration(
        input: .tokens(vocabulary: 8, embedding: 6), body: .recurrent(.elman(.tanh)),
        hiddenSize: 16, outputs: 4)
      change(&configuration)
      return try SequenceModel(configuration, seed: 1).forwardFlops(of: layout)
    }
    let (body, readout) = (2.0 * 16 * (6 + 16), 2.0 * 16 * 4)
    #expect(try flops { $0.answer = .atEnd } == 80 * body + 2 * readout)
    #expect(try flops { _ in } == 80 * (body + readout))
    #expect(
      try flops { $0.sentenceHead = SentenceHead(classes: 3, weight: 1) }
        == 80 * (body + readout) + 2 * 2.0 * 16 * 3)
    #expect(
      try flops { ($0.body, $0.contextWindow) = (.feedForward(), 3) }
        == 80 * (2.0 * 16 * 18 + readout))
  }
}
