import RNNCore
import Testing

@Suite("Vector index")
struct VectorIndexTests {
  /// A cosine in `Double`.
  private static func cosine(_ a: [Float], _ b: [Float], from center: [Double]) -> Double {
    let (a, b) = (zip(a, center).map { Double($0) - $1 }, zip(b, center).map { Double($0) - $1 })
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map(*).reduce(0, +) }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
  }

  @Test("Neighbours come in the order of their cosines", arguments: [false, true])
  func nearest(isCentered: Bool) throws {
    var random = RandomGenerator(seed: 5)
    // Far from the origin, as the states of a network are.
    let vectors = (0..<50).map { _ in (0..<9).map { Float(3 + $0 % 3) + random.uniform() } }
    let query = (0..<9).map { Float(3 + $0 % 3) + random.uniform() }
    let mean = (0..<9).map { column in
      isCentered ? vectors.map { Double($0[column]) }.reduce(0, +) / 50 : 0
    }
    let cosines = vectors.map { Self.cosine($0, query, from: mean) }
    let expected = cosines.indices.sorted { cosines[$0] > cosines[$1] }
    let found = try VectorIndex(vectors, isCentered: isCentered).nearest(to: query, most: 60)
    #expect(found.map(\.index) == expected)
    // Single precision of nine products; centring leaves fewer digits of numbers near 4.
    for (index, similarity) in found { #expect(abs(Double(similarity) - cosines[index]) < 1e-5) }
  }

  @Test("Equal vectors keep their order, and only as many come as were asked for")
  func equal() throws {
    let index = try VectorIndex([[0, 2], [1, 0], [3, 0], [0, 0]])
    let found = try index.nearest(to: [5, 0], most: 3)
    #expect(found.map(\.index) == [1, 2, 0] && found.map(\.similarity) == [1, 1, 0])
  }

  @Test("One vector alone is, centred, like no other")
  func single() throws {
    let index = try VectorIndex([[1, 2]], isCentered: true)
    #expect(try index.nearest(to: [1, 2], most: 1).map(\.similarity) == [0])
  }

  @Test("What is no set of vectors is refused")
  func refused() throws {
    #expect(throws: RNNError.self) { try VectorIndex([]) }
    #expect(throws: RNNError.self) { try VectorIndex([[]]) }
    #expect(throws: RNNError.self) { try VectorIndex([[1, 2], [1]]) }
    #expect(throws: RNNError.self) { try VectorIndex([[1, .nan]], isCentered: true) }
    let index = try VectorIndex([[1, 2]])
    #expect(throws: RNNError.self) { try index.nearest(to: [1], most: 1) }
    #expect(throws: RNNError.self) { try index.nearest(to: [1, .infinity], most: 1) }
    #expect(throws: RNNError.self) { try index.nearest(to: [1, 2], most: 0) }
  }
}
