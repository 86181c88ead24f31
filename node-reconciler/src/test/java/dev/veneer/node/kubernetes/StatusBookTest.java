package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of an object, and whether it stands there already. */
class StatusBookTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectRef WEB = ObjectRef.of(new SliverId("default", "web"));

    private static final ObjectRef NODE = ObjectRef.store("node");

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode object(String uid, long generation) {
        return tree("{'kind':'Sliver','metadata':{'uid':'" + uid + "','generation':" + generation + "}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'a':1}                      | {'a':1}          | true",
                "{'a':1,'b':2}                | {'a':1}          | true",
                "{'a':1}                      | {'a':1,'b':2}    | false",
                "{'a':1}                      | {'a':2}          | false",
                "{'a':[1,2]}                  | {'a':[1]}        | false",
                "{'a':[]}                     | {'a':[1]}        | false",
                "{}                           | {'a':[1]}        | false",
                "{'a':[{'type':'X','s':1},{'type':'Y','s':2}]} | {'a':[{'type':'Y','s':2}]} | true",
                "{'a':[{'type':'X','s':1}]}   | {'a':[{'type':'X','s':2}]} | false",
                "{'u':{'n':1,'observedAt':'x'}} | {'u':{'n':1,'observedAt':'y'}} | true",
                "{'u':{'n':1,'observedAt':'x'}} | {'u':{'n':2,'observedAt':'y'}} | false",
                "{'u':{'n':1}}                | {'u':{'n':1,'observedAt':'y'}} | false",
            })
    void whatStandsThereNeedNotBeWrittenAgain(String there, String wanted, boolean says) {
        assertEquals(says, StatusBook.says(tree(there), tree(wanted)));
    }

    @Test
    void aStatusIsToldOfTheVeryObjectThatAPassSaw() {
        Map<ObjectRef, String> kept = new HashMap<>();
        kept.put(WEB, "{\"driver\":\"copy\",\"conditions\":[{\"type\":\"Ready\",\"observedGeneration\":1}]}");
        StatusBook book = new StatusBook(ref -> Optional.ofNullable(kept.get(ref)));
        assertNull(book.of(WEB, object("u1", 1)));
        StatusBook.Seen seen = StatusBook.Seen.of(object("u1", 3));
        assertEquals(Set.of(WEB), book.passed(Map.of(WEB, seen), true));
        JsonNode told = book.of(WEB, object("u1", 4));
        assertEquals(3, told.path("observedGeneration").asLong());
        assertEquals(3, told.at("/conditions/0/observedGeneration").asLong());
        assertNull(book.of(WEB, object("u2", 1)));
        assertEquals(Set.of(), book.passed(Map.of(WEB, seen), true));
        book.say(WEB, "{\"driver\":\"overlay\"}");
        assertEquals(Set.of(WEB), book.passed(Map.of(WEB, seen), true));
        assertEquals("overlay", book.of(WEB, object("u1", 3)).path("driver").asText());
        assertFalse(book.of(WEB, object("u1", 3)).has("lastHandledRequestAt"));
    }

    /** As of the first import of all, which takes longer than anybody wants to wait for news. */
    @Test
    void whatIsToldInTheMiddleOfTheFirstPassIsToldOfWhatItSees() {
        StatusBook book = new StatusBook(ref -> Optional.empty());
        StatusBook.Seen seen = StatusBook.Seen.of(object("u1", 3));
        book.say(NODE, "{\"driver\":\"copy\"}");
        book.meanwhile(NODE, Map.of());
        assertNull(book.of(NODE, object("u1", 3)));
        book.meanwhile(NODE, Map.of(NODE, seen));
        JsonNode told = book.of(NODE, object("u1", 4));
        assertEquals("copy", told.path("driver").asText());
        assertEquals(3, told.path("observedGeneration").asLong());
        // A generation counts as observed when the pass that saw it is over.
        book.meanwhile(NODE, Map.of(NODE, StatusBook.Seen.of(object("u1", 5))));
        assertEquals(
                3, book.of(NODE, object("u1", 5)).path("observedGeneration").asLong());
        // One that was made anew is another.
        book.meanwhile(NODE, Map.of(NODE, StatusBook.Seen.of(object("u2", 1))));
        assertEquals(
                1, book.of(NODE, object("u2", 1)).path("observedGeneration").asLong());
        assertNull(book.of(NODE, object("u1", 5)));
        assertEquals(Set.of(NODE), book.passed(Map.of(NODE, StatusBook.Seen.of(object("u2", 1))), true));
    }

    /** It would say of the new generation what was so before it: nobody has judged that one yet. */
    @Test
    void aSliverSaysNothingBeforeItWasJudged() {
        StatusBook book = new StatusBook(ref -> Optional.empty());
        book.say(WEB, "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}");
        book.meanwhile(WEB, Map.of(WEB, StatusBook.Seen.of(object("u1", 2))));
        assertNull(book.of(WEB, object("u1", 2)));
    }

    /** As when the disk is full: what is known of the first was written, then no more could be. */
    @Test
    void whatAPassCouldNotSayIsNotTakenForSeen() {
        ObjectRef other = ObjectRef.of(new SliverId("default", "other"));
        StatusBook book = new StatusBook(ref -> Optional.of("{\"driver\":\"copy\"}"));
        book.passed(Map.of(WEB, StatusBook.Seen.of(object("u1", 1)), other, StatusBook.Seen.of(object("u2", 1))), true);
        Map<ObjectRef, StatusBook.Seen> edited =
                Map.of(WEB, StatusBook.Seen.of(object("u1", 2)), other, StatusBook.Seen.of(object("u2", 2)));
        book.say(WEB, "{\"driver\":\"overlay\"}");
        assertEquals(Set.of(WEB), book.passed(edited, false));
        assertEquals(2, book.of(WEB, object("u1", 2)).path("observedGeneration").asLong());
        assertEquals(
                1, book.of(other, object("u2", 2)).path("observedGeneration").asLong());
        ObjectRef fresh = ObjectRef.of(new SliverId("default", "new"));
        assertEquals(Set.of(), book.passed(Map.of(fresh, StatusBook.Seen.of(object("u3", 1))), false));
        assertNull(book.of(fresh, object("u3", 1)));
        assertEquals(Set.of(WEB, other), book.passed(edited, true));
        assertEquals(
                2, book.of(other, object("u2", 2)).path("observedGeneration").asLong());
    }

    @Test
    void itIsKnownWhetherAStatusSaysThatTheSourceIsHeld() {
        String status = "{'conditions':[{'type':'Ready','status':'True'},{'type':'DesiredStateFresh','reason':'%s'}]}";
        assertTrue(StatusBook.isHeld(tree(status.formatted("SourceHeld"))));
        assertFalse(StatusBook.isHeld(tree(status.formatted("Succeeded"))));
        assertFalse(StatusBook.isHeld(tree("{}")));
    }

    @Test
    void aRequestIsAnsweredInItsOwnWordsAsFarAsTheyFit() {
        StatusBook book = new StatusBook(ref -> Optional.of("{}"));
        JsonNode asking =
                tree("{'metadata':{'uid':'u','annotations':{'veneer.dev/requestedAt':'" + "x".repeat(300) + "'}}}");
        book.passed(Map.of(WEB, StatusBook.Seen.of(asking)), true);
        assertEquals(
                256, book.of(WEB, asking).path("lastHandledRequestAt").asText().length());
        assertTrue(StatusBook.Seen.of(tree("{'metadata':{'annotations':{'veneer.dev/requestedAt':3}}}"))
                        .requestedAt()
                == null);
    }
}
