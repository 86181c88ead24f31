package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an older definition does not have is left out, in the words of the API server. */
class UndeclaredTest {
    private static final String REFUSED =
            "failed to create typed patch object (lab/web; veneer.dev/v1alpha1, Kind=Sliver): ";

    private final Undeclared undeclared = new Undeclared();

    private String without(String status) throws Exception {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(status.replace('\'', '"'));
        undeclared.removeFrom(tree);
        return tree.toString().replace('"', '\'');
    }

    @Test
    void aFieldIsLeftOutOnceItIsNamed() throws Exception {
        assertEquals("{'a':1,'b':2}", without("{'a':1,'b':2}"));
        assertEquals(Set.of(".b"), undeclared.learn(REFUSED + ".status.b: field not declared in schema"));
        assertEquals("{'a':1}", without("{'a':1,'b':2}"));
        // Said again it is nothing new.
        assertEquals(Set.of(), undeclared.learn(REFUSED + ".status.b: field not declared in schema"));
    }

    @Test
    void soAreFieldsWithinFieldsAndLists() throws Exception {
        assertEquals(
                Set.of(".usage.new", ".history.more", ".conditions.extra"),
                undeclared.learn(REFUSED + "errors:\n  .status.usage.new: field not declared in schema\n"
                        + "  .status.history[0].more: field not declared in schema\n"
                        + "  .status.conditions[type=\"Ready\"].extra: field not declared in schema"));
        assertEquals(
                "{'usage':{'old':1},'history':[{'a':1},{'a':2}],'conditions':[{'type':'Ready'}]}",
                without("{'usage':{'old':1,'new':2},'history':[{'a':1,'more':2},{'a':2}],"
                        + "'conditions':[{'type':'Ready','extra':0}]}"));
        assertEquals("{'usage':7}", without("{'usage':7}"));
    }

    @Test
    void whatIsSaidOfSomethingElseIsNoLesson() throws Exception {
        for (String other : new String[] {
            "",
            "etcdserver: leader changed",
            ".spec.b: field not declared in schema",
            ".status: field not declared in schema"
        }) {
            assertTrue(undeclared.learn(other).isEmpty(), other);
        }
        assertEquals("{'b':2}", without("{'b':2}"));
    }
}
