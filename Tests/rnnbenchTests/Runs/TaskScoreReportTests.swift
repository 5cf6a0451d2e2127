import Foundation
import RNNTasks
import Testing

@testable import RNNReport
@testable import RNNStudies

@Suite("Scores as tables and JSON")
struct TaskScoreReportTests {
  /// `count` classes, each right once more than the last; the last is taken for the first 3 times.
  private func score(classes count: Int) -> TaskScore {
    var confusion = ConfusionMatrix(names: (0..<count).map { "c\($0)" })
    for id in 0..<count {
      for _ in 0...id { confusion.add(gold: id, predicted: id) }
    }
    for _ in 0..<3 { confusion.add(gold: count - 1, predicted: 0) }
    return TaskScore(
      metrics: [Metric(name: "accuracy", value: confusion.accuracy, higherIsBetter: true)],
      confusion: confusion)
  }

  private func tables(_ score: TaskScore) -> [Table] {
    Array(score.tables(part: "test", loss: 1).dropFirst())
  }

  @Test("Few classes are a matrix")
  func few() throws {
    let table = try #require(tables(score(classes: 3)).first)
    #expect(tables(score(classes: 3)).count == 1)
    #expect(
      table.rows.map { $0.map(\.text) } == [
        ["c0", "1", "·", "·", "40.0 %"], ["c1", "·", "2", "·", "100.0 %"],
        ["c2", "3", "·", "3", "66.7 %"],
      ])
  }

  @Test("Many classes are a list of the most frequent, and what was taken for what")
  func many() throws {
    let lists = tables(score(classes: 50))
    #expect(
      lists.map(\.title) == ["The 40 most frequent of 50 classes", "Most frequent confusions"])
    #expect(lists[0].rows.count == 40 && lists[0].rows[0].map(\.text).prefix(1) == ["c49"])
    // 50 of 53 found, nothing else taken for it.
    #expect(lists[0].rows[0].dropFirst().map(\.text).prefix(2) == ["100.00 %", "94.34 %"])
    #expect(lists[0].rows[39][0].text == "c10")
    #expect(lists[1].rows.map { $0.map(\.text) } == [["c49", "c0", "3"]])
    #expect(tables(score(classes: 40))[0].title == "By class")
  }

  @Test("JSON has the matrix, and of more than 100 classes the pairs that occur")
  func json() throws {
    func object(_ count: Int) throws -> [String: Any] {
      let text = score(classes: count).json(loss: 1).text
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
    let square = try #require(try object(100)["confusion"] as? [[Int]])
    #expect(square.count == 100 && square[99][0] == 3 && square[99][99] == 100)
    let pairs = try #require(try object(101)["confusions"] as? [[String: Int]])
    #expect(try object(101)["confusion"] == nil && pairs.count == 102)
    #expect(pairs.contains(["reference": 100, "predicted": 0, "count": 3]))
    #expect(pairs[0] == ["reference": 100, "predicted": 100, "count": 101])
  }
}
