package dev.veneer.node.driver.conformance;

import org.junit.jupiter.api.Test;

/** Names are bytes, and some of them are meant to hurt. */
interface NameCases extends Worlds {
    @Test
    default void namesThatAreNoText() throws Exception {
        same("n=$(printf 'a\\377\\001\\nb'); echo x > \"$n\"; mkdir \"d$n\"; echo y > \"d$n/$n\"", "rm -r d*");
    }

    @Test
    default void namesThatAreNoTextInTheBase() throws Exception {
        try (World world =
                world("n=$(printf '\\377\\376\\nx'); mkdir \"$n\"; echo x > \"$n/$n\"; echo y > \"$n/ y\"")) {
            world.sliver("one")
                    .step("for f in */*x; do echo z >> \"$f\"; done; rm */*y")
                    .remount();
        }
    }

    @Test
    default void namesOfFullLength() throws Exception {
        same("n=$(printf '%0255d' 0); echo x > $n; mkdir -p etc/d; mv $n etc/d/", "rm -r etc/d");
    }

    @Test
    default void namesThatLookLikeOptionsOrWhiteouts() throws Exception {
        same("echo x > ./-rf; echo y > ' lead'; echo z > .wh.motd; echo w > etc/.wh..wh..opq; echo q > 'a\\b'");
    }

    @Test
    default void namesThatDifferInCaseOnly() throws Exception {
        same("echo a > x; echo b > X", "rm x");
    }

    @Test
    default void pathsLongerThanTheKernelTakes() throws Exception {
        String down = "i=0; while [ $i -lt 30 ]; do n=$(printf '%0200d' $i); mkdir $n; cd -P ./$n; i=$((i+1)); done; ";
        same(down + "echo x > bottom", "mv 0* moved-down", "rm -r moved-down");
    }

    @Test
    default void deepBase() throws Exception {
        String down = "i=0; while [ $i -lt 150 ]; do mkdir d; cd -P ./d; echo $i > f; i=$((i+1)); done; ";
        try (World world = world(down + ":")) {
            world.sliver("one")
                    .step("cd d/d/d; p=; i=0; while [ $i -lt 140 ]; do p=d/$p; i=$((i+1)); done; echo x > ${p}f")
                    .step("rm -r d/d/d/d")
                    .remount();
        }
    }
}
