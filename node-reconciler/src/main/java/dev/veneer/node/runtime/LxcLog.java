package dev.veneer.node.runtime;

/** Reads LXC's log for people. */
final class LxcLog {
    private static final String ERROR = " ERROR ";

    private LxcLog() {}

    /**
     * The error that started it all: the first one, without time and place in LXC's sources. Empty when there is none.
     *
     * @param log what was logged since the start began
     */
    static String cause(String log) {
        for (String line : log.split("\n", -1)) {
            int at = line.indexOf(ERROR);
            // After the level: the subsystem, " - ", the place in the sources, " - ", the message.
            int message = at < 0 ? -1 : line.indexOf(" - ", line.indexOf(" - ", at) + 1);
            if (message > 0) {
                return line.substring(message + 3).strip();
            }
        }
        return "";
    }
}
