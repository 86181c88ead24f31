package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A NodeStore's name is a label, whatever the node is called. */
class OwnNodeStoreTest {
    private static String name(String node, String suffix) {
        return new OwnNodeStore(null, node, "/var/lib/veneer").name(suffix);
    }

    @Test
    void isTheNodesWhereThatIsALabel() {
        assertEquals("node-1", name("node-1", ""));
        assertEquals("n1-example-org", name("n1.example.org", ""));
        assertEquals("node-1-abcd", name("node-1", "-abcd"));
    }

    @Test
    void longNamesAreCutAndStayDifferent() {
        String one = name("a".repeat(60) + ".one.example.org", "");
        String two = name("a".repeat(60) + ".two.example.org", "");
        assertNotEquals(one, two);
        for (String each : new String[] {one, two, name("a".repeat(61) + ".b", "-12345678")}) {
            assertTrue(each.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"), each);
        }
    }
}
