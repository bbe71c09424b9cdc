//! Logs that are read at once: whoever waits for one must not keep from others the thread that they need.

use super::*;

#[test]
fn many_logs_are_read_at_once_with_few_threads_that_may_block() {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).max_blocking_threads(8).enable_all().build().unwrap();
    let place = Arc::new(Place::new());
    threads.block_on(async {
        let mut publisher = place.publisher().await;
        load(&mut publisher, "a", 0..9).await.unwrap();
        publisher.publish(|_| {}).await.unwrap();
        let read = (0..24).map(|_| {
            let place = Arc::clone(&place);
            tokio::spawn(async move { ids(&place.lake().await, PERSON).await.len() })
        });
        let all = tokio::time::timeout(std::time::Duration::from_secs(60), futures::future::join_all(read)).await;
        assert!(all.expect("they wait for each other").into_iter().all(|rows| rows.unwrap() == 9));
    });
    threads.shutdown_background();
}
