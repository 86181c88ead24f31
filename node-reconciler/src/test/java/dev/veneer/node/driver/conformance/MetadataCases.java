package dev.veneer.node.driver.conformance;

import org.junit.jupiter.api.Test;

/** Owners, modes, times, attributes. */
interface MetadataCases extends Worlds {
    @Test
    default void modeOfFileAndDirectory() throws Exception {
        same("chmod 600 etc/motd; chmod 1777 var/log", "chmod 644 etc/motd");
    }

    @Test
    default void ownerOfFileDirectoryAndLink() throws Exception {
        same("chown 12:34 etc/motd; chown 4294967294:65534 var/log; chown -h 5:6 usr/motd");
    }

    @Test
    default void setuidSetgidSticky() throws Exception {
        same("chmod 4755 bin/run; chmod 2755 etc/motd; chmod 2775 var/log; mkdir var/log/inherits", "chown 9 bin/run");
    }

    @Test
    default void timesInNanoseconds() throws Exception {
        same("touch -d @1234567890.987654321 etc/motd; touch -h -d @-5.5 usr/motd; touch -d @1.000000001 usr/share");
    }

    @Test
    default void rootDirectoryItself() throws Exception {
        try (World world = world("echo x > f; chmod 1751 .; chown 3:4 .; setfattr -n user.root -v yes .")) {
            world.sliver("one")
                    .step("chmod 700 .; chown 9:9 .; setfattr -x user.root .; touch -d @77.7 .")
                    .remount();
        }
    }

    @Test
    default void userAttributes() throws Exception {
        try (World world = world("echo x > f; mkdir d; for n in f d; do setfattr -n user.a -v 1 $n; done;"
                + "setfattr -n user.empty f; setfattr -n user.b -v 0x00ff0a f")) {
            world.sliver("one")
                    .step("setfattr -n user.a -v 2 f; setfattr -x user.empty f; setfattr -n user.new -v n d")
                    .step("setfattr -n user.a -v 1 f; setfattr -n user.empty f")
                    .remount();
        }
    }

    @Test
    default void accessControlLists() throws Exception {
        try (World world = world("mkdir d; echo x > f; setfacl -m u:77:rw f; setfacl -d -m g:88:rwx d; mkdir d/sub")) {
            world.sliver("one")
                    .step("setfacl -m u:78:r f; mkdir d/new; echo y > d/new/f; setfacl -k d")
                    .step("setfacl -b f")
                    .remount();
        }
    }

    @Test
    default void capabilitiesOfFiles() throws Exception {
        try (World world = world("cp /bin/true ping; setcap cap_net_raw+ep ping; cp /bin/true other")) {
            world.sliver("one")
                    .step("setcap cap_chown+ep other; chmod 750 ping")
                    .step("echo more >> ping")
                    .remount();
        }
    }

    @Test
    default void immutableAndAppendOnly() throws Exception {
        try (World world = world("echo x > i; echo y > a; mkdir d; : > later")) {
            world.sliver("one")
                    .step("chattr +i i; chattr +a a; echo more >> a; chattr +a d")
                    .step("chattr -i i; echo z > i; ! echo z 2>/dev/null > a; chattr +i later")
                    .remount();
        }
    }

    @Test
    default void flagsOfTheBase() throws Exception {
        // Aged before the flags are set; immutable files keep that time.
        try (World world = world("echo x > i; mkdir d; echo y > d/f; find . -exec touch -d @1500000000.123456789 {} +;"
                + "chattr +i i; chattr +a d; find() { :; }")) {
            world.sliver("one")
                    .step("! rm -f i 2>/dev/null; ! rm -f d/f 2>/dev/null; echo n > d/new")
                    .step("chattr -i i; chattr -a d; rm i d/f")
                    .remount();
        }
    }
}
