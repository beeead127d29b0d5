package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class SharedQuestionTest {

  private final List<CompletableFuture<String>> asked = new ArrayList<>();
  private final SharedQuestion<String> question =
      new SharedQuestion<>(
          () -> {
            asked.add(new CompletableFuture<>());
            return asked.get(asked.size() - 1);
          });

  @Test
  void thoseWhoAskWhileItIsUnderWayShareTheNext() {
    CompletableFuture<String> first = question.ask().toCompletableFuture();
    CompletableFuture<String> second = question.ask().toCompletableFuture();
    CompletableFuture<String> third = question.ask().toCompletableFuture();

    asked.get(0).complete("then");

    assertThat(first).isCompletedWithValue("then");
    assertThat(asked).hasSize(2);
    assertThat(second).isNotDone();
    asked.get(1).complete("now");
    assertThat(second).isCompletedWithValue("now");
    assertThat(third).isCompletedWithValue("now");
  }

  @Test
  void answerIsNotKept() {
    var unused = question.ask();
    asked.get(0).complete("then");

    CompletableFuture<String> later = question.ask().toCompletableFuture();
    asked.get(1).complete("now");

    assertThat(later).isCompletedWithValue("now");
  }

  @Test
  void failureIsTheirsAloneWhoAskedBefore() {
    CompletableFuture<String> first = question.ask().toCompletableFuture();
    CompletableFuture<String> second = question.ask().toCompletableFuture();

    asked.get(0).completeExceptionally(new IllegalStateException("away"));
    asked.get(1).complete("now");

    assertThatThrownBy(first::join)
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("away");
    assertThat(second).isCompletedWithValue("now");
  }
}
