import Foundation
import Testing

@testable import RNNTasks

@Suite("Dates")
struct DateNotationTests {
  @Test("A hundred years of days are those of Foundation's calendar")
  func calendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    let zone = try #require(TimeZone(identifier: "UTC"))
    calendar.timeZone = zone
    let start = try #require(calendar.date(from: DateComponents(year: 1969, month: 1, day: 1)))
    for index in 0..<CalendarDate.count {
      let parts = calendar.dateComponents(
        [.year, .month, .day, .weekday], from: start.addingTimeInterval(Double(index) * 86_400))
      let date = CalendarDate(index: index)
      guard date.year == parts.year, date.month == parts.month, date.day == parts.day,
        date.weekday + 1 == parts.weekday
      else {
        Issue.record("\(date) is not \(parts)")
        return
      }
    }
    #expect(CalendarDate(index: CalendarDate.count - 1).iso == "2068-12-31")
  }

  @Test("A day is written in each notation as people do")
  func notations() throws {
    // 3 March 2017 was a Friday.
    let friday = try #require(
      (0..<CalendarDate.count).map(CalendarDate.init).first { $0.iso == "2017-03-03" })
    #expect(
      DateNotation.allCases.map { $0.text(of: friday) } == [
        "3 Mar 2017", "03 Mar 2017", "3 March 2017", "March 3, 2017", "Mar 3, 2017",
        "March 3rd, 2017", "3rd of March 2017", "march 3 2017", "3-Mar-17",
        "friday, march 3 2017", "Friday, 3 March 2017", "Fri 3 Mar 2017",
        "03/03/17", "3/3/2017", "2017/3/3", "03.03.2017", "3.3.17", "20170303",
      ])
    let ordinals = (0..<31).map { DateNotation.monthOrdinal.text(of: CalendarDate(index: $0)) }
    let expected = ["st", "nd", "rd"] + [String](repeating: "th", count: 17) + ["st", "nd", "rd"]
    for (index, text) in ordinals.enumerated() {
      let ending = index < 23 ? expected[index] : index == 30 ? "st" : "th"
      #expect(text == "January \(index + 1)\(ending), 1969")
    }
  }

  @Test("No text means two days")
  func unambiguous() {
    var meaning: [String: String] = [:]
    var doubtful: [String] = []
    for index in 0..<CalendarDate.count {
      let date = CalendarDate(index: index)
      for notation in DateNotation.allCases {
        let text = notation.text(of: date)
        if meaning.updateValue(date.iso, forKey: text) ?? date.iso != date.iso {
          doubtful.append(text)
        }
      }
    }
    #expect(doubtful.isEmpty)
  }
}
