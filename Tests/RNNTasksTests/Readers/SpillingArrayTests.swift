import RNNCore
import Testing

@testable import RNNTasks

@Suite("Arrays that may be larger than memory")
struct SpillingArrayTests {
  @Test("They hold what was put in, in memory and in a file", arguments: [0, 1 << 14, 1 << 26])
  func holds(_ largest: Int) throws {
    var array = SpillingArray<Int32>(largest: largest)
    var sequences = FlatSequences<Float>(largest: largest)
    for number in 0..<40_000 {
      try array.append(Int32(number * 7))
      if number % 8 == 0 {
        try sequences.append((0..<number % 50).map { Float($0 + number) })
      }
    }
    #expect(array.count == 40_000 && array.elementsEqual((0..<40_000).map { $0 * 7 }))
    #expect(array.array(100..<103) == [700, 707, 714])
    #expect(sequences.count == 5000 && sequences.length(3) == 24 && sequences[0].isEmpty)
    sequences.willRead(0..<5000)
    array.willRead(39_990..<40_000)
    let last: [Float] = (0..<39_992 % 50).map { Float($0 + 39_992) }
    #expect(sequences[4999] == last)
  }

  @Test("A copy keeps what it has when the other grows", arguments: [0, 1 << 26])
  func copies(_ largest: Int) throws {
    var one = SpillingArray<Int>(largest: largest)
    try one.append(contentsOf: 0..<100_000)
    var other = one
    try one.append(1)
    try other.append(2)
    #expect(one.count == 100_001 && other.count == 100_001)
    #expect(one[100_000] == 1 && other[100_000] == 2)
    #expect(one.dropLast().elementsEqual(other.dropLast()))
  }
}
