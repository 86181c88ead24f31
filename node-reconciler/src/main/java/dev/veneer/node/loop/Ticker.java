package dev.veneer.node.loop;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.time.Duration;
import java.util.Properties;
import org.quartz.DateBuilder;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;

/** Runs things on a schedule: the pass that is made although nothing woke the loop, and measuring. One thread. */
public final class Ticker implements AutoCloseable {
    private static final String WORK = "work";

    private final Scheduler scheduler;

    public Ticker() throws NodeException {
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", "veneer");
        properties.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
        properties.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
        properties.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", "1");
        properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
        // A thread that is idle wakes as seldom as Quartz lets it: triggers are few and far between.
        properties.setProperty("org.quartz.scheduler.idleWaitTime", "300000");
        try {
            scheduler = new StdSchedulerFactory(properties).getScheduler();
            scheduler.start();
        } catch (SchedulerException e) {
            throw failed(e);
        }
    }

    /**
     * Runs something again and again.
     *
     * @param name what it is called, once
     * @param first how long to wait before the first time
     * @param every how long from one start to the next
     */
    public void every(String name, Duration first, Duration every, Runnable work) throws NodeException {
        JobDataMap data = new JobDataMap();
        data.put(WORK, work);
        try {
            scheduler.scheduleJob(
                    JobBuilder.newJob(Run.class)
                            .withIdentity(name)
                            .usingJobData(data)
                            .build(),
                    TriggerBuilder.newTrigger()
                            .withIdentity(name)
                            .startAt(DateBuilder.futureDate((int) first.toSeconds(), DateBuilder.IntervalUnit.SECOND))
                            .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                                    .withIntervalInMilliseconds(every.toMillis())
                                    .repeatForever()
                                    .withMisfireHandlingInstructionNextWithRemainingCount())
                            .build());
        } catch (SchedulerException e) {
            throw failed(e);
        }
    }

    private static NodeException failed(SchedulerException e) {
        return new NodeException(
                Reason.Failed, Follow.STALLED, "the scheduler cannot be started: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            scheduler.shutdown(false);
        } catch (SchedulerException e) {
            // Its threads are daemons: the end of the process ends them.
            return;
        }
    }

    /** Quartz makes one for each time. */
    public static final class Run implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            if (context.getMergedJobDataMap().get(WORK) instanceof Runnable work) {
                work.run();
            }
        }
    }
}
