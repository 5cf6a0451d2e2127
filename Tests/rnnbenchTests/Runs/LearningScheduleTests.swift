import RNNCore
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite("Learning schedules")
struct LearningScheduleTests {
  /// The factors of the first update of each epoch, of two updates.
  private func factors(_ text: String, epochs: Int) throws -> [Float] {
    let schedule = try LearningSchedule(text).inUpdates(perEpoch: 2, epochs: epochs)
    return (0..<epochs).map { schedule.factor(update: 2 * $0) }
  }

  @Test("decay leaves the epochs before it as they are, the first one where none is named")
  func decay() throws {
    #expect(try factors("decay=0.5", epochs: 4) == [1, 0.5, 0.25, 0.125])
    #expect(try factors("decay=0.5@1", epochs: 4) == factors("decay=0.5", epochs: 4))
    #expect(try factors("decay=0.5@3", epochs: 5) == [1, 1, 1, 0.5, 0.25])
    // As files of earlier versions have it, which meant this.
    #expect(try factors("decay=0.5@0", epochs: 3) == [0.5, 0.25, 0.125])
    #expect(try LearningSchedule("decay=0.5").description == "decay=0.5@1")
  }

  @Test("A text is that of the schedule that it is read as")
  func texts() throws {
    for text in ["constant", "cosine", "cosine=0.1", "decay=0.5@4", "warmup=7"] {
      #expect(try LearningSchedule(text).description == text)
    }
    for text in ["", "cosine=2", "decay", "decay=0", "decay=0.5@", "decay=1@2@3", "warmup=0"] {
      #expect(throws: RNNError.self) { try LearningSchedule(text) }
    }
  }
}
