package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** What a connection to the API server is encrypted by. */
final class QuickCiphersTest {
    @Test
    void whatIsQuickWithoutTheSecondCompilerComesFirstAndTheRestStays() {
        assertArrayEquals(
                new String[] {"A_CHACHA20_P", "B_CHACHA20_P", "A_AES", "B_AES"},
                QuickCiphers.inOrder("A_AES", "A_CHACHA20_P", "B_AES", "B_CHACHA20_P"));
    }

    @Test
    void aClientOffersNothingLess() throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder();
        new QuickCiphers().additionalConfig(builder);
        List<String> offered = List.of(builder.build().sslParameters().getCipherSuites());
        String[] usual = SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites();
        assertEquals(Set.of(usual), Set.copyOf(offered));
        assertTrue(offered.get(0).contains("CHACHA20"), () -> "first is " + offered.get(0));
    }
}
