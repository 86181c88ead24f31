package dev.veneer.node.driver.conformance;

import org.junit.jupiter.api.Test;

/** What is neither file nor directory. */
interface SpecialFileCases extends Worlds {
    @Test
    default void symbolicLinks() throws Exception {
        same(
                "ln -sfn nowhere usr/motd; ln -s /etc/passwd abs; ln -s ../../../../etc/shadow out; ln -s . self",
                "rm out; echo x > usr/nowhere");
    }

    @Test
    default void longLink() throws Exception {
        same("ln -s $(printf '%01000d' 0) long");
    }

    @Test
    default void pipesAndSockets() throws Exception {
        same(
                "mkfifo -m 640 p; chown 3:4 p; perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0);bind(S,sockaddr_un(\"s\"))'");
    }

    @Test
    default void deviceNodes() throws Exception {
        same("mknod n c 1 3; chmod 666 n; mknod big b 259 262143; touch -d @5 n", "rm n; mknod n c 1 5");
    }

    @Test
    default void specialFilesOfTheBase() throws Exception {
        try (World world = world("mkfifo p; mknod n c 1 3; chmod 622 n; ln -s x l; chown -h 1:2 l")) {
            world.sliver("one")
                    .step("chmod 600 p; chown 5 n; touch -h -d @9 l")
                    .step("rm p n l; echo x > p; ln -s y n; mkdir l")
                    .remount();
        }
    }

    @Test
    default void newHardLinks() throws Exception {
        same("echo x > a; ln a b; mkdir d; ln a d/c; chmod 600 b", "echo y >> d/c", "rm a");
    }

    @Test
    default void hardLinksOfTheBaseAreTakenApart() throws Exception {
        same("rm bin/one; echo other > bin/one", "rm bin/two");
    }

    @Test
    default void newNameForFileOfTheBase() throws Exception {
        same("ln etc/motd etc/also; cat etc/also > /dev/null");
    }
}
