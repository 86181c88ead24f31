package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1023,1023",
        "1024,1.0Ki",
        "1536,1.5Ki",
        "10240,10Ki",
        "1048575,1.0Mi",
        "178257920,170Mi",
        "1073741824,1.0Gi",
        "9223372036854775807,8.0Ei"
    })
    void bytes(long bytes, String text) {
        assertEquals(text, Quantities.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "-5,0s",
        "0,0s",
        "119,119s",
        "120,2m",
        "330,5m30s",
        "600,10m",
        "10799,179m",
        "10800,3h",
        "12000,3h20m",
        "28800,8h",
        "172800,2d",
        "273600,3d4h",
        "864000,10d",
        "63072000,2y"
    })
    void ages(long seconds, String text) {
        assertEquals(text, Quantities.age(Duration.ofSeconds(seconds)));
    }
}
