/// A day of the Gregorian calendar.
struct CalendarDate: Hashable {
  let year: Int
  /// 1 to 12.
  let month: Int
  let day: Int
  /// From 0 for Sunday.
  let weekday: Int

  static let isoCharacters = Vocabulary("0123456789-")

  /// The days from 1969 to 2068, for which two digits of a year stand by POSIX's rule: those below
  /// 69 are of this century.
  static let count = 36_525
  private static let firstYear = 1969
  /// 1 January 1969 was a Wednesday.
  private static let firstWeekday = 3

  /// The day `index` days after 1 January 1969, in 0..<``count``.
  init(index: Int) {
    precondition((0..<Self.count).contains(index), "a day of a hundred years")
    weekday = (Self.firstWeekday + index) % 7
    var (year, month, rest) = (Self.firstYear, 1, index)
    while rest >= Self.days(of: year) {
      rest -= Self.days(of: year)
      year += 1
    }
    while rest >= Self.days(of: month, year) {
      rest -= Self.days(of: month, year)
      month += 1
    }
    (self.year, self.month, day) = (year, month, rest + 1)
  }

  /// As in "2017-03-03" (ISO 8601).
  var iso: String { "\(year)-\(month.twoDigits)-\(day.twoDigits)" }

  private static func days(of year: Int) -> Int { isLeap(year) ? 366 : 365 }

  private static func days(of month: Int, _ year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }
}

extension Int {
  /// The last two digits, as in "07".
  var twoDigits: String { "\(self / 10 % 10)\(self % 10)" }
}
