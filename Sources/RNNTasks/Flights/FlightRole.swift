/// What a clause of a flight query is about, and thereby what its cities, dates and times mean.
enum FlightRole: String, CaseIterable, Sendable {
  case depart, arrive, stop
}
