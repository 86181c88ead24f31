package dev.veneer.node.runtime;

import java.util.ArrayList;
import java.util.List;

/** Adapts {@code /etc/hosts}: pure. */
final class HostsFile {
    private static final String OWN = "127.0.1.1";
    private static final String FRESH =
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private HostsFile() {}

    /**
     * The file with this host's own name on the line of {@value #OWN}, where Debian keeps it; everything else stays as
     * it is.
     *
     * @param before what is there; empty for none
     */
    static String adapt(String before, String hostname) {
        String text = before.isBlank() ? FRESH : before;
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        if (lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        String own = OWN + "\t" + hostname;
        int at = -1;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().split("[ \t]+", -1)[0].equals(OWN)) {
                at = i;
                break;
            }
        }
        if (at >= 0) {
            lines.set(at, own);
        } else {
            lines.add(Math.min(1, lines.size()), own);
        }
        return String.join("\n", lines) + "\n";
    }
}
