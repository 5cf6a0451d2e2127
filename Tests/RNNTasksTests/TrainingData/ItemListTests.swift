import RNNCore
import Testing

@testable import RNNTasks

@Suite("Lists of items")
struct ItemListTests {
  @Test("Lists one after the other hold the items of all, empty ones among them")
  func joined() {
    let lists: [ItemList<Int>] = [
      [], ItemList([3, 1]), [], ItemList(count: 3) { 10 * $0 }, [], ItemList([7]), [],
    ]
    #expect(Array(ItemList(joining: lists)) == [3, 1, 0, 10, 20, 7])
    #expect(
      ItemList(joining: [ItemList<Int>]()).isEmpty
        && ItemList(joining: [lists[0], lists[2]]).isEmpty)
    #expect(ItemList(joining: [lists[3]]) == lists[3])
  }

  @Test("Sequences in one array are those that were added")
  func flat() throws {
    var flat = FlatSequences<Int32>()
    let sequences: [[Int32]] = [[], [4, 2], [], [7], [1, 2, 3], []]
    for sequence in sequences { try flat.append(sequence) }
    #expect(flat.count == 6 && (0..<6).map { flat[$0] } == sequences)
    #expect(Array(flat.elements) == [4, 2, 7, 1, 2, 3])
  }

  @Test("Numbers of texts are told apart by scalars, and rare ones are left out")
  func table() throws {
    var table = TokenTable()
    let words = ["b", "\u{E9}", "b", "<unk>", "e\u{301}", "a", "\u{E9}", "<unk>", "a"]
    let ids = words.map { table.id(of: $0) }
    #expect(ids == [0, 1, 0, 2, 3, 4, 1, 2, 4])
    let (known, leavesOut) = try table.vocabulary(of: ids, minimumCount: 2)
    #expect(known.symbols.elementsEqual(["b", "\u{E9}", "a"], by: String.areSame) && leavesOut)
    #expect(try !table.vocabulary(of: [0, 1, 4], minimumCount: 1).leavesOut)
    let error = #expect(throws: RNNError.self) {
      try table.vocabulary(of: ids, minimumCount: 3)
    }
    #expect(error?.kind == .vocabulary)
  }
}
