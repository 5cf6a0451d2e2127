import RNNCore

/// Ways in which people write a day. Numbers alone are unambiguous by what is between them: slashes
/// for month/day/year or year/month/day, dots for day.month.year.
enum DateNotation: CaseIterable {
  case dayAbbreviated, paddedDayAbbreviated, dayMonth, monthDay, abbreviatedMonthDay
  case monthOrdinal, ordinalOfMonth, lowercaseMonth, hyphens
  case weekdayMonth, weekdayDay, abbreviatedWeekday
  case shortSlashes, slashes, yearFirst, dots, shortDots, digits

  /// The day as this notation has it; comments show 3 March 2017.
  func text(of date: CalendarDate) -> String {
    let (day, year, shortYear) = (date.day, date.year, date.year.twoDigits)
    let month = Self.months[date.month - 1]
    let weekday = Self.weekdays[date.weekday]
    let (mon, wed) = (month.prefix(3), weekday.prefix(3))
    return switch self {
    case .dayAbbreviated: "\(day) \(mon) \(year)"  // 3 Mar 2017
    case .paddedDayAbbreviated: "\(day.twoDigits) \(mon) \(year)"  // 03 Mar 2017
    case .dayMonth: "\(day) \(month) \(year)"  // 3 March 2017
    case .monthDay: "\(month) \(day), \(year)"  // March 3, 2017
    case .abbreviatedMonthDay: "\(mon) \(day), \(year)"  // Mar 3, 2017
    case .monthOrdinal: "\(month) \(Self.ordinal(day)), \(year)"  // March 3rd, 2017
    case .ordinalOfMonth: "\(Self.ordinal(day)) of \(month) \(year)"  // 3rd of March 2017
    case .lowercaseMonth: "\(month.lowercased()) \(day) \(year)"  // march 3 2017
    case .hyphens: "\(day)-\(mon)-\(shortYear)"  // 3-Mar-17
    // friday, march 3 2017
    case .weekdayMonth: "\(weekday.lowercased()), \(month.lowercased()) \(day) \(year)"
    case .weekdayDay: "\(weekday), \(day) \(month) \(year)"  // Friday, 3 March 2017
    case .abbreviatedWeekday: "\(wed) \(day) \(mon) \(year)"  // Fri 3 Mar 2017
    case .shortSlashes: "\(date.month.twoDigits)/\(day.twoDigits)/\(shortYear)"  // 03/03/17
    case .slashes: "\(date.month)/\(day)/\(year)"  // 3/3/2017
    case .yearFirst: "\(year)/\(date.month)/\(day)"  // 2017/3/3
    case .dots: "\(day.twoDigits).\(date.month.twoDigits).\(year)"  // 03.03.2017
    case .shortDots: "\(day).\(date.month).\(shortYear)"  // 3.3.17
    case .digits: "\(year)\(date.month.twoDigits)\(day.twoDigits)"  // 20170303
    }
  }

  /// The characters of all notations, in order of value: two years have every month, weekday and
  /// digit in each of them.
  static let characters: Vocabulary<Character> = {
    var characters = Set<Character>()
    for index in 0..<731 {
      for notation in allCases {
        characters.formUnion(notation.text(of: CalendarDate(index: index)))
      }
    }
    return Vocabulary(characters.sorted())
  }()

  /// A day and a notation, both uniform.
  static func pair(using random: inout RandomGenerator) -> TransductionPair {
    let date = CalendarDate(index: random.integer(below: CalendarDate.count))
    let notation = allCases[random.integer(below: allCases.count)]
    return TransductionPair(
      source: notation.text(of: date).map(characters.id),
      target: date.iso.map(CalendarDate.isoCharacters.id))
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// As in 1st, 2nd, 3rd, 4th, 11th, 22nd.
  private static func ordinal(_ day: Int) -> String {
    switch (day / 10, day % 10) {
    case (1, _): "\(day)th"
    case (_, 1): "\(day)st"
    case (_, 2): "\(day)nd"
    case (_, 3): "\(day)rd"
    default: "\(day)th"
    }
  }
}
