package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.veneer.api.validation.ObjectValidator;
import dev.veneer.api.validation.Surroundings;
import dev.veneer.api.validation.Violation;
import dev.veneer.node.loop.Schedules;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The texts of languages of their own in specs: right ones are accepted, wrong ones are refused where they stand. */
class SpecTextsTest {
    private static final ObjectValidator VALIDATOR =
            new ObjectValidator(new Surroundings("node-1", "default", Set.of("overlay"), SpecTexts.JUDGES));

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    private static List<Violation> violations(String spec) throws Exception {
        JsonNode object = JSON.readTree("{apiVersion: \"veneer.dev/v1alpha1\", kind: \"Sliver\","
                + " metadata: {name: \"web\"}, spec: {baseImage: \"base\", " + spec + "}}");
        return VALIDATOR.judge(object, null).violations();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 30 3 * * ?",
                "0 0/15 * ? * MON-FRI",
                "0 0 0 L * ?",
                "0 0 12 ? * 6#3",
                "0 0 0 29 2 ?",
                "0 15 10 15W * ? 2027-2030",
                "* * * * * ?",
                "0 0 0 1 1 ? 2020"
            })
    void schedulesThatCome(String cron) throws Exception {
        assertNull(Schedules.wrong(cron));
        assertEquals(List.of(), violations("snapshots: {schedule: \"" + cron + "\"}"));
        assertEquals(List.of(), violations("compaction: {schedule: \"" + cron + "\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 30 3 * * *",
                "0 60 3 * * ?",
                "0 0 24 * * ?",
                "0 0 0 32 * ?",
                "0 0 0 31 2 ?",
                "0 0 0 ? * XYZ",
                "0 0 0 ? * ?",
                "0 0 0 ? * 8",
                "0 0 0 * * ? 1",
                "- - - - - -",
                "0 0 / * * ?",
                "0 0 99999999999999999999 * * ?",
                "L L L L L L",
                "# # # # # #",
                ", , , , , ,"
            })
    void schedulesThatNeverCome(String cron) throws Exception {
        assertNotNull(Schedules.wrong(cron), cron);
        for (String field : List.of("snapshots", "compaction")) {
            List<Violation> violations = violations(field + ": {schedule: \"" + cron + "\"}");
            assertEquals(1, violations.size(), violations.toString());
            assertEquals("spec." + field + ".schedule", violations.get(0).path().toString());
            assertTrue(violations.get(0).message().contains("0 30 3 * * ?"), violations.toString());
        }
    }

    /** Whatever is written there, it is judged, and soon. */
    @Test
    void anyTextIsJudged() {
        Random random = new Random(5);
        String letters = "0123456789*?/,-LW# MONFEB";
        assertTimeout(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < 3_000; i++) {
                StringBuilder text = new StringBuilder();
                int length = random.nextInt(40);
                for (int j = 0; j < length; j++) {
                    text.append(letters.charAt(random.nextInt(letters.length())));
                }
                Schedules.wrong(text.toString());
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"/etc/hosts", "*.log", "'/srv/[a-z]*/'", "'**/cache'", "'a b'", "'/é/ü'"})
    void patternsOfPaths(String pattern) throws Exception {
        assertEquals(List.of(), violations("pins: [\"" + pattern + "\"]"));
        assertEquals(List.of(), violations("rebase: {rules: [{path: \"" + pattern + "\", onConflict: \"TakeBase\"}]}"));
    }

    @ParameterizedTest
    @CsvSource({"/", "//", "/etc/../x", "/etc/./x", "'/etc//x'", "'[a-z'", "'x\\\\'", ".", ".."})
    void whatIsNoPattern(String pattern) throws Exception {
        List<Violation> pins = violations("pins: [\"/fine\", \"" + pattern + "\"]");
        assertEquals(1, pins.size(), pins.toString());
        assertEquals("spec.pins[1]", pins.get(0).path().toString());
        List<Violation> rules = violations("rebase: {rules: [{path: \"" + pattern + "\", onConflict: \"Fail\"}]}");
        assertEquals(1, rules.size(), rules.toString());
        assertEquals("spec.rebase.rules[0].path", rules.get(0).path().toString());
    }
}
