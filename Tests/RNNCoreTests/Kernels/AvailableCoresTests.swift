import Testing

@testable import RNNCore

@Suite struct AvailableCoresTests {
  @Test(arguments: [
    ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("1000 100000\n", 1),
    ("-1\n 100000\n", nil), ("50000\n 50000\n", 1), ("", nil), (" ", nil), ("100000", nil),
    ("100000 0", nil),
  ])
  func `a quota of time is so many cores`(text: String, cores: Int?) {
    #expect(coresOfQuota(text) == cores)
  }

  @Test func `there is at least one core`() {
    #expect(availableCores() >= 1)
    #expect(MachineProfile.current().cores == availableCores())
  }
}
