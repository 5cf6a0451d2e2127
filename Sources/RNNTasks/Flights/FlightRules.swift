/// The phrases of the generated flight queries.
///
/// Every tag follows from the words up to its own. The verb or preposition that opens a clause
/// gives all cities, dates and times of the clause their role, and the word before a number says
/// whether it is a time, a number of tickets or nothing. No filler holds a word that opens a
/// clause.
enum FlightRules {
  static let rules: KeyValuePairs<String, [String]> = [
    "opening-base": [
      "i would like to", "i want to", "i may need to", "we have to", "two of us want to",
      "show me flights that", "please find a flight that will", "is there a plane that can",
    ],
    "opening-gerund": [
      "find flights", "show me flights", "list all the flights", "i need a flight", "we are",
      "are there any planes", "what is the cheapest fare for a flight", "i would like to fly",
      "does {airline} have flights", "show me {class} fares", "book {tickets} tickets",
      "reserve {tickets} seats on a {airline} plane",
    ],

    "depart-base": ["<depart-verb> <depart-tail>"],
    "depart-gerund": ["<departing> <depart-tail>", "<departing> <depart-tail>", "<from>"],
    "depart-link": ["and <depart-base>", "and <depart-base>", "<from>", "<depart-gerund>"],
    "depart-verb": ["leave", "leave", "depart", "start", "take off"],
    "departing": ["leaving", "leaving", "departing", "starting", "taking off"],
    "depart-tail": [
      "<depart-place>", "<depart-place> <when>", "<when> <depart-place>",
      "<depart-place> <filler> <when>", "<filler> <depart-place> <when>", "<filler> <when>",
    ],
    "depart-place": ["{city}", "{city}", "from {city}", "out of {city}", "in {city}"],
    "from": ["from {city}", "from {city} <when>", "from {city} <filler> <when>"],

    "arrive-base": ["<arrive-verb> <arrive-tail>"],
    "arrive-gerund": ["<arriving> <arrive-tail>", "<arriving> <arrive-tail>", "<to>"],
    "arrive-link": ["and <arrive-base>", "and <arrive-base>", "<to>", "<arrive-gerund>"],
    "arrive-verb": ["arrive", "arrive", "land", "touch down"],
    "arriving": ["arriving", "arriving", "landing", "touching down"],
    "arrive-tail": [
      "<arrive-place>", "<arrive-place> <when>", "<when> <arrive-place>",
      "<arrive-place> <filler> <when>", "<filler> <arrive-place> <when>", "<filler> <when>",
    ],
    "arrive-place": ["{city}", "{city}", "in {city}", "in {city}", "at {city}"],
    "to": ["to {city}", "to {city} <when>", "to {city} <filler> <when>"],

    "stop-base": ["<stop-verb> <stop-tail>"],
    "stop-gerund": ["<stopping> <stop-tail>", "<stopping> <stop-tail>", "<via>"],
    "stop-link": ["and <stop-base>", "and <stop-base>", "<via>", "<stop-gerund>"],
    "stop-verb": ["stop", "stop over", "change planes", "rest"],
    "stopping": ["stopping", "stopping over", "changing planes", "resting"],
    "stop-tail": [
      "<stop-place>", "<stop-place> <when>", "<when> <stop-place>",
      "<stop-place> <filler> <when>", "<filler> <stop-place>",
    ],
    "stop-place": ["in {city}", "in {city}", "at {city}"],
    "via": ["via {city}", "through {city}", "via {city} <when>", "through {city} <filler> <when>"],

    "when": [
      "on {date}", "on {date}", "on {date}", "before {date}", "some day around {date}",
      "at {time}", "before {time}", "after {time} on {date}", "on {date} at about {time}",
      "in the {period}", "on {date} in the {period}",
    ],
    "filler": [
      "if possible", "as early as possible", "with my family", "with two friends",
      "without any delay", "if that is not too expensive", "<detail>", "<detail>",
    ],
    "detail": [
      "with {airline}", "on a {airline} plane", "in {class}", "for {tickets} people",
      "for a group of {tickets}",
    ],
    "ending": ["", "", "", "", "please", "<detail>"],

    "city": [
      "taipei", "boston", "denver", "london", "paris", "tokyo", "berlin", "madrid", "chicago",
      "seattle", "dallas", "houston", "atlanta", "miami", "osaka", "seoul", "lisbon", "vienna",
      "dublin", "toronto", "montreal", "sydney", "new york", "new york city", "new orleans",
      "new delhi", "san francisco", "san diego", "san jose", "salt lake city", "mexico city",
      "los angeles", "las vegas", "hong kong", "cape town", "tel aviv", "kuala lumpur",
      "rio de janeiro",
    ],
    "date": [
      "<month> <day>", "<month> <day>", "<month> <day>", "<day> <month>", "<weekday>",
      "next <weekday>",
    ],
    "month": [
      "january", "february", "march", "april", "may", "june", "july", "august", "september",
      "october", "november", "december",
    ],
    "day": [
      "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th",
      "13th", "14th", "15th", "16th", "17th", "18th", "19th", "20th", "21st", "22nd", "23rd",
      "24th", "25th", "26th", "27th", "28th",
    ],
    "weekday": [
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ],
    "time": ["<hour> am", "<hour> pm", "<hour> o'clock", "noon", "midnight"],
    "hour": [
      "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
      "twelve",
    ],
    "period": ["morning", "afternoon", "evening"],
    "airline": [
      "united", "united airlines", "american airlines", "delta", "lufthansa", "eva air",
      "china airlines", "japan airlines", "air france", "british airways", "southwest", "alaska",
    ],
    "class": ["first class", "business class", "economy class", "coach"],
    "tickets": ["two", "three", "four", "five", "six", "seven", "eight", "nine"],
  ]
}
