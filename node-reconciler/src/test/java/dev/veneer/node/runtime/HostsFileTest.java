package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HostsFileTest {
    @Test
    void ownLineIsReplacedTheRestStays() {
        assertEquals(
                "# mine\n127.0.0.1\tlocalhost\n127.0.1.1\tweb\n\n10.0.0.1 db # x\n",
                HostsFile.adapt(
                        "# mine\n127.0.0.1\tlocalhost\n127.0.1.1  builder.lan builder\n\n10.0.0.1 db # x\n", "web"));
    }

    @Test
    void ownLineIsAddedWhereItLacks() {
        assertEquals("127.0.0.1 localhost\n127.0.1.1\tweb\n", HostsFile.adapt("127.0.0.1 localhost", "web"));
        assertEquals("127.0.1.11 x\n127.0.1.1\tweb\n", HostsFile.adapt("127.0.1.11 x\n", "web"));
        String fresh = HostsFile.adapt("", "web");
        assertTrue(fresh.startsWith("127.0.0.1\tlocalhost\n127.0.1.1\tweb\n::1\t"), fresh);
        assertEquals(fresh, HostsFile.adapt(" \n\n", "web"));
    }

    @Test
    void twiceIsAsGoodAsOnce() {
        String once = HostsFile.adapt("127.0.0.1 localhost\n", "web");
        assertEquals(once, HostsFile.adapt(once, "web"));
    }
}
