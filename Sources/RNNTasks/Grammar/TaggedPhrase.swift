/// Word ids with a tag id each, 0 being O.
struct TaggedPhrase: Sendable {
  private(set) var words: [Int32] = []
  private(set) var tags: [Int32] = []

  var count: Int { words.count }

  mutating func append(_ word: Int32) {
    words.append(word)
    tags.append(0)
  }

  /// Makes one slot of all words from `start` on: B- for the first, I- for the others.
  mutating func mark(from start: Int, begin: Int32) {
    for index in start..<count { tags[index] = index == start ? begin : begin + 1 }
  }

  /// Forgets the words from `count` on.
  mutating func truncate(to count: Int) {
    words.removeSubrange(count...)
    tags.removeSubrange(count...)
  }
}
