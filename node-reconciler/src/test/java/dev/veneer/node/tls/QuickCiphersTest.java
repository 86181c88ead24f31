package dev.veneer.node.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** What a connection is encrypted by. */
final class QuickCiphersTest {
    @Test
    void whatIsQuickWithoutTheSecondCompilerComesFirstAndTheRestStays() {
        assertArrayEquals(
                new String[] {"A_CHACHA20_P", "B_CHACHA20_P", "A_AES", "B_AES"},
                QuickCiphers.inOrder("A_AES", "A_CHACHA20_P", "B_AES", "B_CHACHA20_P"));
    }

    @Test
    void aClientOffersNothingLess() throws Exception {
        List<String> offered = List.of(QuickCiphers.of(SSLContext.getDefault()).getCipherSuites());
        String[] usual = SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites();
        assertEquals(Set.of(usual), Set.copyOf(offered));
        assertTrue(offered.get(0).contains("CHACHA20"), () -> "first is " + offered.get(0));
    }
}
