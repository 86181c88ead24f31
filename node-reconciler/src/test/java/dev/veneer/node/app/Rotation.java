package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

/**
 * Declarations in turns, each of which makes everything happen in one pass: an image is imported and two slivers of it
 * are made, those of the turn before are renewed, those of the turn before that are removed and their base is collected.
 * So every turn begins where the last one ended, and none needs to be prepared.
 */
final class Rotation {
    /** As many contents as there are bases at a time, and one, so that each turn imports what the store does not have. */
    private static final int CONTENTS = 4;

    private static final String KEPT = "what the owner of kept did";

    private final Site site;
    private final List<String> drivers;
    private final List<String> archives = new ArrayList<>();
    private int turn;

    /**
     * @param drivers of the slivers of each turn
     */
    Rotation(Site site, List<String> drivers) throws Exception {
        this.site = site;
        this.drivers = List.copyOf(drivers);
        for (int i = 0; i < CONTENTS; i++) {
            archives.add(site.makeArchive("content" + i).toString());
        }
    }

    private String name(int of, String driver) {
        return "s" + of + "-" + driver;
    }

    private static String work(int of, int now) {
        return "work on " + of + " in turn " + now;
    }

    /** Comes to the state before the first turn that has everything to do. */
    void begin() throws Exception {
        next();
        site.converge();
        atEnd();
        site.mark("kept", KEPT);
        next();
        site.converge();
        atEnd();
    }

    /** Declares the next turn. */
    void next() throws Exception {
        turn++;
        List<String> documents = new ArrayList<>();
        documents.add(site.image(""));
        documents.add(Site.sliver("kept", "driver: " + drivers.get(0)));
        for (int of = Math.max(1, turn - 1); of <= turn; of++) {
            documents.add(Site.image("i" + of, archives.get(of % CONTENTS), "  retention: {keepUnreferenced: 0s}\n"));
            for (String driver : drivers) {
                documents.add(Site.sliver(
                        name(of, driver),
                        "i" + of,
                        "driver: " + driver + ", keepPrevious: 0s, instanceSerial: " + (turn - of + 1)));
            }
        }
        site.declare(documents.toArray(new String[0]));
    }

    /** Whatever became of the pass: before anything is recovered, each sliver is wholly as before or wholly new. */
    void assertOldOrNew() throws Exception {
        site.assertRevision("kept", drivers.get(0), 1, KEPT);
        for (String driver : drivers) {
            site.assertRevision(name(turn, driver), driver, 1, null);
            site.assertRevision(name(turn - 1, driver), driver, 1, work(turn - 1, turn - 1));
            site.assertRevision(name(turn - 2, driver), driver, 2, work(turn - 2, turn - 1));
        }
    }

    /** The turn is done; owners work in their slivers, and the next turn may be declared. */
    void atEnd() throws Exception {
        site.assertSliver("kept", turn == 1 ? null : KEPT);
        for (String driver : drivers) {
            for (int of = Math.max(1, turn - 1); of <= turn; of++) {
                site.assertSliver(name(of, driver), null);
                assertEquals(turn - of + 1, site.revision(name(of, driver)));
                site.mark(name(of, driver), work(of, turn));
            }
            if (turn > 2) {
                site.assertGone(name(turn - 2, driver));
            }
        }
        assertEquals(
                1 + Math.min(turn, 2), Site.names(site.store().resolve("bases")).size());
    }
}
